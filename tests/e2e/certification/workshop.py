"""Where cases of firmware are played: a manufacturer whose root is installed, and a server with its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.e2e.certification.stage import at
from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.files import Files
    from tests.e2e.world import World
    from tests.profiles.firmware.signing import Manufacturer

CONTENT = b"new firmware" * 20_000
BEFORE = -7200.0
STATUS = "FirmwareStatusNotification"
VERIFIED = ["Downloading", "Downloaded", "SignatureVerified"]


@dataclass(slots=True, kw_only=True)
class Workshop:
    """One station of two EVSEs and its CSMS.

    Attributes:
        since: Where the CSMS's list of messages ended when the case began.
        number: The requestId of the last order.
    """

    world: World
    files: Files
    manufacturer: Manufacturer
    since: int = 0
    number: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    async def install_root(self) -> None:
        """Let the station know the manufacturer."""
        kind = "ManufacturerRootCertificate"
        answer = await self.world.call("InstallCertificate", certificateType=kind, certificate=self.manufacturer.root)
        assert answer["status"] == "Accepted"

    def firmware(self, content: bytes = CONTENT, name: str = "", **changes: Any) -> Payload:
        """FirmwareType for a file that has this content; ``name`` is its place in the server."""
        path = name or f"/bench-{next(self._numbers)}.bin"
        self.files.contents.setdefault(path, content)
        made = {
            "location": f"{self.files.url}{path}", "retrieveDateTime": at(BEFORE), "installDateTime": at(BEFORE),
            "signingCertificate": self.manufacturer.certificate, "signature": self.manufacturer.sign(content),
            **changes,
        }  # fmt: skip
        return {name: value for name, value in made.items() if value is not None}

    async def update(self, firmware: Payload | None = None, **fields: Any) -> str:
        """UpdateFirmware; the status."""
        self.number = next(self._numbers)
        answer = await self.world.call(
            "UpdateFirmware", requestId=self.number, firmware=firmware or self.firmware(), **fields
        )
        return str(answer["status"])

    def told(self) -> list[str]:
        """The statuses of the last order."""
        notifications = [record.payload for record in self.world.csms.of(STATUS)]
        return [each["status"] for each in notifications if each.get("requestId") == self.number]

    def events(self) -> list[str]:
        """The security events since the case began."""
        records = self.world.csms.received[self.since :]
        return [record.payload["type"] for record in records if record.action == "SecurityEventNotification"]

    async def comes_to(self, status: str) -> list[str]:
        """Wait for a status of the last order; all until then."""
        await self.world.heard(STATUS, self.since, within=20.0, status=status, requestId=self.number)
        return self.told()

    async def installed(self) -> list[str]:
        """Wait for the success, its security event, and the station's boot; the statuses."""
        found = await self.comes_to("Installed")
        await self.world.heard("SecurityEventNotification", self.since, type="FirmwareUpdated")
        await self.world.heard("BootNotification", self.since, reason="FirmwareUpdate")
        await self.world.booted(since=self.since)
        return found

    async def charge(self, evse: int = 1) -> None:
        """State EnergyTransferStarted."""
        await self.world.station.charge(TOKEN, evse)

    async def leave(self, evse: int = 1) -> None:
        """State ParkingBayUnoccupied."""
        await self.world.station.sim.plug_out(evse)

    async def tidy(self) -> None:
        """No vehicle, no update that waits, and every EVSE is free."""
        world = self.world
        self.files.open.set()
        for evse in (1, 2):
            if world.station.sim.connector(evse).evse.car is not None:
                await world.station.sim.plug_out(evse)
        await world.until(lambda: all(transaction.is_ended for transaction in world.held()))
        await world.until(lambda: all(self._last(evse) == "Available" for evse in (1, 2)), 20.0)
        await world.settled()
        self.since = world.news

    def _last(self, evse: int) -> str:
        """What the CSMS was told last of an EVSE."""
        told = [record.payload for record in self.world.csms.of("StatusNotification")]
        return str([each["connectorStatus"] for each in told if each["evseId"] == evse][-1])
