"""What a page shows in a test, and the page on a real port."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.config.fields import HostPort
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.station import StationState
from gateway.model.tokens import Token
from gateway.model.transactions import ChargingState, Transaction
from gateway.web.server import Manner, serve_web
from gateway.web.sight import Sight

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.load.history import LoadSight
    from gateway.model.alerts import Alert
    from gateway.model.limits.binding import Binding
    from gateway.model.notices import Notice

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
TOKEN = "04A1B2C3D4E5F6"


def connector(evse: int, status: ConnectorStatus) -> ConnectorState:
    return ConnectorState(evse=evse, connector=1, reported=status, at=NOON)


def charging(evse: int = 1, energy: float = 12_345.0) -> Transaction:
    return Transaction(
        id="tx-secret", number=1, evse=evse, connector=1, started_at=NOON, last_at=NOON, token=Token(value=TOKEN),
        charging_state=ChargingState.CHARGING, charging_told=True, meter_start=0.0, meter_last=energy,
    )  # fmt: skip


@dataclass
class Shop:
    """Two stations: one charges at its first EVSE, the other is free."""

    states: dict[str, StationState] = field(default_factory=dict)
    notices: dict[str, list[Notice]] = field(default_factory=dict)
    alerts: dict[str, list[Alert]] = field(default_factory=dict)
    bindings: dict[str, dict[int, Binding]] = field(default_factory=dict)
    backend: bool = True
    load: LoadSight | None = None
    languages: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        busy = (connector(1, ConnectorStatus.OCCUPIED), connector(2, ConnectorStatus.FAULTED))
        free = (connector(1, ConnectorStatus.AVAILABLE),)
        self.states = {
            "AT-1": StationState(id="AT-1", reachable=True, connectors=busy, transactions=(charging(),)),
            "AT|2": StationState(id="AT|2", reachable=True, connectors=free),
        }

    @property
    def sight(self) -> Sight:
        return Sight(
            box="Garage <West>",
            stations=lambda: tuple(self.states),
            station=self.states.__getitem__,
            notices=lambda station: self.notices.get(station, ()),
            alerts=lambda station: self.alerts.get(station, []),
            bindings=lambda station: self.bindings.get(station, {}),
            online=lambda _: self.backend,
            languages=lambda station, evse: self.languages.get((station, evse), ()),
            now=lambda: NOON,
            load=self.load,
        )


@asynccontextmanager
async def served(sight: Sight, manner: Manner | None = None) -> AsyncIterator[str]:
    """The page on a port of its own; its address."""
    ready = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        serve_web(HostPort("127.0.0.1", 0), sight, manner or Manner(look=0.01), ready.set_result)
    )
    try:
        await asyncio.wait([serving, ready], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        yield f"http://127.0.0.1:{await ready}"
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
