"""A box that leads updates: a server of files that is told what to do, and a manufacturer that signs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.model.commands import UpdateFirmware
from gateway.model.credentials import MANUFACTURER_ROOT
from profiles.firmware import FirmwareProfile
from profiles.security import SecurityProfile
from tests.fakes.box import ID, Box
from tests.profiles.firmware.orders import order, told
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from gateway.model.station import StationState
    from tests.fakes.clock import SettableClock
    from tests.profiles.firmware.signing import Manufacturer

CONTENT = b"new firmware" * 1000


@dataclass
class FileServer:
    """Gives ``content``, once it may (``go``); None: it has it not. ``tries`` counts, ``asked`` is set by the first."""

    content: bytes | None = CONTENT
    tries: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    pauses: list[float] = field(default_factory=list)

    async def fetch(self, station: str, location: str, target: Path) -> bool:
        """One try."""
        assert (station, location.endswith("fw-2.0.bin")) == (ID, True)
        self.tries += 1
        self.asked.set()
        await self.go.wait()
        if self.content is None:
            return False
        await asyncio.to_thread(target.write_bytes, self.content)
        return True

    async def wait(self, seconds: float) -> None:
        """A pause between two tries."""
        self.pauses.append(seconds)


@dataclass
class Plant:
    """Everything."""

    box: Box
    profile: FirmwareProfile
    server: FileServer
    manufacturer: Manufacturer

    @property
    def state(self) -> StationState:
        """Of the station."""
        return self.box.state

    def signed(self, request_id: int = 5, hours: float = 0, **firmware: Any) -> Json:
        """An order for signed firmware."""
        signature = self.manufacturer.sign(CONTENT)
        return order(
            request_id,
            hours,
            **{"signingCertificate": self.manufacturer.certificate, "signature": signature, **firmware},
        )

    async def ask(self, request: Json) -> str:
        """UpdateFirmware; the status. What can be done at once has been done."""
        answer = await self.box.call("UpdateFirmware", request)
        if self.server.go.is_set():
            await self.box.settled()
        return str(answer["status"])

    async def later(self, **time: float) -> None:
        """Time passes, and the box looks."""
        self.box.clock.pass_(**time)
        self.profile._carrying.look(ID)
        await self.box.settled()

    async def told(self) -> list[str]:
        """What the CSMS has been told, all of order 5."""
        found = await told(self.box)
        assert {number for _, number in found} <= {5}
        return [status for status, _ in found]

    def asked(self) -> list[UpdateFirmware]:
        """What was asked of the station."""
        return self.box.adapter.asked(UpdateFirmware)

    async def files(self) -> list[str]:
        """The files on the disk."""
        folder = self.box.hub.folder("firmware")
        found = await asyncio.to_thread(lambda: [each.name for each in folder.rglob("*") if each.is_file()])
        return sorted(found)


@asynccontextmanager
async def plant(
    path: Path, manufacturer: Manufacturer, *, clock: SettableClock | None = None, arrive: bool = True, go: bool = True
) -> AsyncIterator[Plant]:
    """A box with the profile; the manufacturer's root is installed. It is gone as by a power cut."""
    async with opened_with(FirmwareProfile, path, clock=clock, arrive=arrive) as (box, _):
        server = FileServer()
        if go:
            server.go.set()
        profile = FirmwareProfile(box.hub, box.backend, server.fetch, server.wait)
        box.hub.attach(box.backend, [profile, SecurityProfile(box.hub, box.backend), box.profile])
        await box.hub.vault.keep(ID, {f"{MANUFACTURER_ROOT}1.pem": manufacturer.root})
        await profile._carrying.recall()
        await box.sent()
        yield Plant(box, profile, server, manufacturer)
