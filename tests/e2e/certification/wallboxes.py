"""Wallboxes of several families at one box, each with a visit of its own."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from gateway.family.library import all_families
from gateway.family.load import read_family
from tests.e2e.certification.visit import Visit
from tests.e2e.families.stand import stands
from tests.e2e.pair import Pair, Side
from tests.e2e.world import world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.e2e.families.stand import Stand


_POLL = re.compile(r"^\[link\.poll\]\n(?:.+\n)+|^poll = \{.*\}\n", re.MULTILINE)
_LINK = re.compile(r"^\[link\]\n", re.MULTILINE)
_OFTEN = "[link]\npoll = { fast = 0.2, medium = 0.4, slow = 1 }\n"


@asynccontextmanager
async def wallboxes(folder: Path, plugs: Mapping[str, str]) -> AsyncIterator[dict[str, Visit]]:
    """All are accepted; at the end nothing that was sent may have been invalid.

    Args:
        folder: For the site file and the data.
        plugs: The connector type of each family.
    """
    found = await asyncio.to_thread(_stands, folder / "families", plugs)
    async with AsyncExitStack() as stack:
        for stand in found:
            await stand.sim.start()
            life = asyncio.create_task(stand.sim.run())
            stack.push_async_callback(_end, stand, life)
        tables = [s.site_text("failsafe_current = 6").replace("sType2", plugs[s.name]) for s in found]
        made = await stack.enter_async_context(world(folder, more="\n".join(tables)))
        visits = {}
        for stand in found:
            side = Side(kind="family", identity=stand.identity, world=made)
            await side.heard("StatusNotification", connectorStatus="Available")
            visits[stand.name] = Visit(both=Pair(world=made, stand=stand, page=""), side=side, since=made.news)
        yield visits


def _stands(own: Path, names: Mapping[str, str]) -> list[Stand]:
    """A station of each family; the site has them as families of its own, which are polled more often."""
    own.mkdir()
    files = {}
    for name in names:
        path = own / f"{name}.toml"
        text = all_families()[name].read_text(encoding="utf-8")
        path.write_text(_LINK.sub(_OFTEN, _POLL.sub("", text)), encoding="utf-8")
        files[name] = read_family(path)
    return stands(files, ("127.0.0.1", 0))


async def _end(stand: Stand, life: asyncio.Task[None]) -> None:
    await stand.sim.exit()
    await life
