"""One box with two stations: one that speaks OCPP 1.5, and one of a family, without OCPP."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.bench.csms.ledger import CallError, CallResult
from gateway.family.library import all_families
from gateway.family.load import read_family
from tests.e2e.families.stand import Stand, stands
from tests.e2e.world import world
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload, Record
    from gateway.family.load import FamilyFile
    from tests.e2e.world import World

FAMILY = "heidelberg-ec"
KINDS = ("ocpp15", "family")
_HURRY = "poll = { fast = 0.1, medium = 0.2, slow = 10 }\nidle_factor = 1"


@dataclass(slots=True, kw_only=True)
class Side:
    """One station as the CSMS sees it.

    Attributes:
        kind: ``ocpp15`` or ``family``.
        identity: At the CSMS.
    """

    kind: str
    identity: str
    world: World

    async def answer(self, action: str, payload: Payload) -> CallResult | CallError:
        """Whatever comes of a call."""
        return await self.world.csms.call(self.identity, action, payload)

    async def call(self, action: str, **payload: Any) -> Payload:
        """The valid answer to a call."""
        answer = await self.answer(action, payload)
        assert isinstance(answer, CallResult), f"{action} of {self.kind}: {answer}"
        assert answer.error is None, f"{action} of {self.kind}: {answer}"
        return answer.payload

    def received(self, action: str, since: int = 0) -> list[Payload]:
        """What it has sent from a place of the CSMS's list on."""
        return [record.payload for record in self._told(since) if record.action == action]

    def _told(self, since: int) -> list[Record]:
        return [record for record in self.world.csms.received[since:] if record.station == self.identity]

    async def heard(self, action: str, since: int = 0, **fields: object) -> Payload:
        """Wait for a message with these fields at its top level."""

        def found() -> list[Payload]:
            return [
                payload
                for payload in self.received(action, since)
                if all(payload.get(name) == value for name, value in fields.items())
            ]

        await self.until(lambda: bool(found()))
        return found()[0]

    async def report(self, action: str, since: int, **fields: object) -> list[Payload]:
        """Wait for every page of a report; the pages."""
        last = await self.heard(action, since, tbc=False, **fields)
        pages = [page for page in self.received(action, since) if page.get("requestId") == last["requestId"]]
        # NotifyDisplayMessages has no numbers.
        assert [page.get("seqNo", number) for number, page in enumerate(pages)] == list(range(len(pages)))
        return pages

    async def until(self, predicate: Callable[[], bool], within: float = 20.0) -> None:
        """Wait until something is so at the CSMS."""
        await self.world.csms.wait_until(predicate, within)

    async def value(self, component: Payload, variable: str) -> Payload:
        """The result of GetVariables for one variable."""
        asked = {"component": component, "variable": {"name": variable}}
        found: Payload = (await self.call("GetVariables", getVariableData=[asked]))["getVariableResult"][0]
        return found

    async def set(self, component: Payload, variable: str, value: str) -> str:
        """The status of SetVariables for one variable."""
        data = {"component": component, "variable": {"name": variable}, "attributeValue": value}
        answer = await self.call("SetVariables", setVariableData=[data])
        return str(answer["setVariableResult"][0]["attributeStatus"])


@dataclass(slots=True, kw_only=True)
class Pair:
    """Both stations, the box, and the CSMS.

    Attributes:
        page: Where the box's page is.
    """

    world: World
    stand: Stand
    page: str

    @property
    def sides(self) -> tuple[Side, Side]:
        """The station that speaks OCPP 1.5, and the one of a family."""
        return (
            Side(kind="ocpp15", identity=self.world.station.id, world=self.world),
            Side(kind="family", identity=self.stand.identity, world=self.world),
        )


def _own(family: str, folder: Path, points: str) -> FamilyFile:
    """The same family, but for how often it is polled, and with more points."""
    folder.mkdir()
    own, text = folder / f"{family}.toml", all_families()[family].read_text("utf-8")
    text = text.replace("[link]\n", f"[link]\n{_HURRY}\n").replace("[points]\n", f"[points]\n{points}\n")
    own.write_text(text, "utf-8")
    return read_family(own)


@asynccontextmanager
async def pair(
    folder: Path,
    family: str = FAMILY,
    *,
    hurried: bool = False,
    points: str = "",
    web: str = "",
    lines: str = "",
    more: str = "",
) -> AsyncIterator[Pair]:
    """Both are accepted, and the box has its page; at the end nothing that was sent may have been invalid.

    Args:
        folder: For the site file and the data.
        family: Of the station without OCPP.
        hurried: It is polled more often than its family has it, by a family of the site.
        points: That family has these points, too.
        web: Further lines of the site file's table of the page.
        lines: Further lines of its table of the box.
        more: Further tables of the site file.
    """
    if hurried:
        file = await asyncio.to_thread(_own, family, folder / "families", points)
    else:
        file = await asyncio.to_thread(lambda: read_family(all_families()[family]))
    (stand,) = await asyncio.to_thread(stands, {family: file}, ("127.0.0.1", 0))
    await stand.sim.start()
    life = asyncio.create_task(stand.sim.run())
    try:
        page = f"127.0.0.1:{free_port()}"
        more = f'{stand.site_text("failsafe_current = 6")}[web]\nlisten = "{page}"\n{web}\n{more}'
        async with world(folder, lines=lines, more=more) as made:
            both = Pair(world=made, stand=stand, page=f"http://{page}")
            await both.sides[1].heard("StatusNotification", connectorStatus="Available")
            yield both
    finally:
        await stand.sim.exit()
        await life
