"""A process that commits rows and says so, for the tests that kill it or take its disk away.

Arguments: the database, and "forever" or "limited".
"""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from gateway.model.errors import GatewayError
from gateway.store.writer import Writer

INSERT = "INSERT INTO meta (name, value) VALUES (?, 'x')"
LIMIT = 300_000
_, HARD = resource.getrlimit(resource.RLIMIT_FSIZE)


def say(line: str) -> None:
    """Say a line to whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def forever(store: Writer) -> None:
    """Commit from several callers at once until killed."""

    async def caller(name: str) -> None:
        number = 0
        while True:
            await store.commit([(INSERT, (f"{name}-{number}",))])
            say(f"{name}-{number}")
            number += 1

    await asyncio.gather(*(caller(name) for name in "abcd"))


async def limited(store: Writer) -> None:
    """Commit big rows until the file must not grow, then once more after the limit is gone."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, HARD))
    number = 0
    while True:
        try:
            await store.commit([(INSERT.replace("'x'", "hex(zeroblob(5000))"), (f"big-{number}",))])
        except GatewayError as error:
            say(error.code)
            break
        say(f"big-{number}")
        number += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (HARD, HARD))
    await store.commit([(INSERT, ("after",))])
    say("after")


async def main(path: str, way: str) -> None:
    """Open, do, close."""
    store = Writer(Path(path))
    await store.open()
    await (forever(store) if way == "forever" else limited(store))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
