"""A family adapter and its stations in time that jumps: a script sees hours of driving in moments."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from gateway.contracts import StationSettings
from gateway.family.family import ModbusFamily
from gateway.family.load import FamilyFile
from gateway.model import events as ev
from gateway.model.installation import Outlet
from gateway.model.station import Capability, StationState
from gateway.model.transactions import ChargingState, Transaction
from tests.adapters.common.rig import CARD, FAMILY, PLACE, STATION, Keys, MemoryAdapter
from tests.fakes import timeless
from tests.fakes.southbound import FakeBox
from tests.fakes.wire import MemoryPool, WallboxWire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.family.value import Scalar
    from gateway.model.events import Event

_CALM = {"link.poll": {"fast": 0.2, "medium": 0.4, "slow": 1.0}}
"""Slower than the tests in real time poll."""

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
_TEXT = (Path(__file__).parent / "families" / "wallbox.toml").read_text()
"""Read at import, as that blocks."""


class HourBox(FakeBox):
    """Its clock goes with the loop's, and may be set; it knows the transactions that it was told of."""

    def __init__(self) -> None:
        super().__init__([])
        self.clock_error = timedelta()

    @override
    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time()) + self.clock_error

    def charging(self, number: int = 17) -> None:
        """The box was stopped while a vehicle was charging."""
        running = Transaction(
            id="tx", number=number, evse=1, connector=1, started_at=START, last_at=START, token=CARD,
            charging_state=ChargingState.CHARGING, meter_start=100_000.0, meter_last=100_000.0,
        )  # fmt: skip
        self.states[STATION] = StationState(
            id=STATION, transactions=(running,), capabilities=frozenset({Capability.BOX_SESSIONS}), reachable=True
        )


@dataclass(kw_only=True)
class Hours:
    """What a script has at hand."""

    adapter: MemoryAdapter
    box: HourBox
    wires: list[WallboxWire]
    times: list[tuple[float, str, Scalar]] = field(default_factory=list)

    @property
    def wire(self) -> WallboxWire:
        """That of the first EVSE."""
        return self.wires[0]

    def last(self, kind: type[Event]) -> Any:
        """The last event of a kind."""
        return self.box.of(kind)[-1]

    def told(self, kind: type[Event]) -> int:
        """How many events of a kind there were."""
        return len(self.box.of(kind))

    def faults(self) -> set[str]:
        """Codes of the faults that the connector has, as last told."""
        return {fault.code for fault in self.last(ev.ConnectorChanged).faults}

    async def plug(self, card: str = CARD.value) -> None:
        """A driver plugs in, and presents a card."""
        self.wire.plugged = True
        await asyncio.sleep(1)
        self.wire.card = card
        await asyncio.sleep(1)


def _changed(text: str, changes: Mapping[str, Any]) -> FamilyFile:
    raw = tomllib.loads(text)
    for path, value in changes.items():
        *tables, key = path.split(".")
        table = raw
        for name in tables:
            table = table.setdefault(name, {})
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return FamilyFile(source=replace(FAMILY.source, data=raw), base=ModbusFamily.model_validate(raw))


def drive(
    script: Callable[[Hours], Awaitable[None]],
    *,
    box: HourBox | None = None,
    family: Mapping[str, Any] | None = None,
    evses: int = 1,
    current: float = 20.0,
    before: Callable[[Hours], None] | None = None,
    **keys: object,
) -> Hours:
    """Run the adapter while a script lasts, in no time.

    Args:
        script: What happens.
        box: Another than a new one.
        family: Changes of the wallbox' file, by dotted key; None takes a key away.
        evses: How many there are.
        current: A that the site allows.
        before: What is so before the adapter starts.
        keys: The station's in the site file.
    """

    async def play() -> Hours:
        outlet = Outlet(connector_type="sType2", phases=3, current=current)
        settings = StationSettings(
            identity=STATION,
            options=Keys.model_validate({"family": _changed(_TEXT, {**_CALM, **(family or {})}), **keys}),
            connectors={n: (n, 1) for n in range(1, evses + 1)},
            outlets={(n, 1): outlet for n in range(1, evses + 1)},
        )
        adapter = MemoryAdapter(None, [settings])
        pool = adapter._pools.of(MemoryPool)
        assert isinstance(pool, MemoryPool)
        hours = Hours(adapter=adapter, box=box or HourBox(), wires=pool.wires)
        if before is not None:
            before(hours)
        task = asyncio.create_task(adapter.run(hours.box))
        try:
            await script(hours)
        finally:
            assert not task.done() or task.exception() is None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left behind: {left}"
        return hours

    return timeless.run(play())


__all__ = ["CARD", "PLACE", "STATION", "HourBox", "Hours", "drive"]
