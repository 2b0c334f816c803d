"""A family station on a whole box: the hub, the profiles core and reservation, and a wallbox in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.contracts import StationSettings
from gateway.model.device import VariableRef
from gateway.model.evse import ConnectorStatus
from gateway.model.installation import Outlet
from gateway.model.rules.connectors import status_of
from gateway.model.transactions import ChargingState
from profiles.reservation import ReservationProfile
from tests.adapters.common.rig import FAMILY, Keys, MemoryAdapter
from tests.fakes.box import ID
from tests.fakes.wire import MemoryPool
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from gateway.contracts import Json
    from gateway.family.value import Value
    from gateway.model.tokens import Token
    from tests.fakes.box import Box
    from tests.fakes.wire import WallboxWire


class Site:
    """The box, and the wallbox on its wire."""

    def __init__(self, box: Box, wire: WallboxWire) -> None:
        self.box = box
        self.wire = wire

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something: looked at after each poll of the driver."""
        async with asyncio.timeout(5):
            while not true():
                self.wire.polled.clear()
                await self.wire.polled.wait()

    async def look(self, times: int = 1) -> None:
        """Let the driver poll."""
        for _ in range(times):
            self.wire.polled.clear()
            await self.wire.polled.wait()

    async def set_(self, component: str, variable: str, value: str) -> None:
        """The backend sets a variable."""
        ref = VariableRef(component=component, variable=variable)
        assert (await self.box.hub.set_variable(ID, ref, value)).accepted

    async def plug(self) -> None:
        """Plug in, until the backend sees it; what is reserved stays so until somebody is authorized."""
        self.wire.plugged = True
        await self.look(2)
        await self.until(lambda: self.status() in {ConnectorStatus.OCCUPIED, ConnectorStatus.RESERVED})

    async def told_of_start(self) -> list[Json]:
        """The TransactionEvents until energy flows."""
        await self.until(self.charges)
        return await self.box.sent_of("TransactionEvent")

    def charges(self) -> bool:
        """True where a transaction runs and energy flows."""
        return [t.charging_state for t in self.box.state.transactions] == [ChargingState.CHARGING]

    async def present(self, token: Token) -> None:
        """Hold a card to the reader, and wait until the backend has been asked about it."""
        before = len(self.box.backend.asked)
        self.wire.card = token.value
        await self.until(lambda: len(self.box.backend.asked) > before)
        self.wire.polled.clear()
        await self.wire.polled.wait()

    def status(self) -> ConnectorStatus:
        """What the backend sees of EVSE 1."""
        connector = self.box.state.connector(1)
        assert connector is not None
        return status_of(self.box.state, connector)


@asynccontextmanager
async def opened(
    tmp_path: Path,
    authorization: str = "token_reader",
    *,
    before: Site | None = None,
    shown: Mapping[str, Value] | None = None,
) -> AsyncIterator[Site]:
    """Open the box; after one that was off, with its clock and its wallbox (``before``).

    ``shown`` is what the wallbox shows besides.
    """
    clock = before.box.clock if before else None
    async with opened_with(ReservationProfile, tmp_path, arrive=False, clock=clock) as (box, _):
        settings = StationSettings(
            identity=ID,
            options=Keys.model_validate({"family": FAMILY, "authorization": authorization}),
            connectors={1: (1, 1)},
            outlets={(1, 1): Outlet(connector_type="sType2", phases=3, current=20.0)},
        )
        adapter = MemoryAdapter(None, [settings])
        pool = adapter._pools.of(MemoryPool)
        assert isinstance(pool, MemoryPool)
        wire = pool.wires[0]
        if before is not None:
            wire.plugged, wire.enable, wire.limit = before.wire.plugged, before.wire.enable, before.wire.limit
            wire.energy = before.wire.energy
        wire.shown.update(shown or {})
        box.member.adapter = adapter
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        task = asyncio.create_task(adapter.run(box.hub))
        try:
            site = Site(box, wire)
            await site.until(lambda: before is not None or ("enable", 0) in site.wire.written)
            yield site
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
