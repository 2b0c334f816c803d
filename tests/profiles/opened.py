"""A whole box with one more profile beside core."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from gateway.model.events import StationFound
from tests.fakes.box import ID, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from gateway.contracts import Profile
    from gateway.model.station import Capability
    from tests.fakes.box import Box
    from tests.fakes.clock import SettableClock

P = TypeVar("P", bound="Profile")


@asynccontextmanager
async def opened_with(
    kind: type[P], path: Path, *, clock: SettableClock | None = None, online: bool = True, arrive: bool = True
) -> AsyncIterator[tuple[Box, P]]:
    """Open a box on the database in a folder; its station has arrived, if wanted."""
    async with open_box(path, clock=clock, online=online) as box:
        profile = kind(box.hub, box.backend)
        box.hub.attach(box.backend, sorted([profile, box.profile], key=lambda each: each.rank))
        if arrive:
            await box.arrive()
        yield box, profile


@asynccontextmanager
async def running(profile: Profile) -> AsyncIterator[None]:
    """Let a profile do what has its own time."""
    task = asyncio.create_task(profile.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Let the box work until something is so."""
    async with asyncio.timeout(10):
        while True:
            if await found():
                return
            await asyncio.sleep(0)


async def described(box: Box, component: str) -> dict[str, tuple[str, str, float | None]]:
    """Type, mutability and highest limit of each variable of a component, as a report has them; name and instance."""
    await box.sent()
    await box.call("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    found = {}
    for page in await box.sent_of("NotifyReport"):
        for item in page["reportData"]:
            if item["component"]["name"] == component:
                name = "/".join(filter(None, (item["variable"]["name"], item["variable"].get("instance"))))
                told, (attribute,) = item["variableCharacteristics"], item["variableAttribute"]
                found[name] = (told["dataType"], attribute["mutability"], told.get("maxLimit"))
    return found


def give_display(box: Box) -> None:
    """From now on the box has a page of its own."""
    box.member.installation = replace(box.member.installation, display=True)
    box.member.device = None  # it has other variables now


async def limit(box: Box, *capabilities: Capability) -> None:
    """From now on the station can do this and nothing else."""
    await box.hub.publish(StationFound(station=ID, at=box.clock.now(), capabilities=frozenset(capabilities)))
    await box.settled()
