"""A setpoint at a plant, led as the driver of an EVSE leads it: looked at every second, moved where it is due."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.common.actor import Actor
from adapters.common.setpoint import Setpoint
from adapters.common.wear import Wear
from adapters.common.wire import Rank, Unreachable
from gateway.family.evaluate import sources
from gateway.family.family import ModbusFamily
from gateway.family.limit import Ceilings
from gateway.model.errors import GatewayError
from tests.adapters.common.plant import Plant, Vices
from tests.fakes.timeless import run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_MADE = tomllib.loads((Path(__file__).parent / "families" / "wallbox.toml").read_text())
"""Read at import, as that blocks."""

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def family(**changes: Any) -> AnyFamily:
    """The wallbox of the tests with other keys of [control]: ``limit``, ``enable`` ...; None takes one away."""
    control = dict(_MADE["control"])
    for name, keys in changes.items():
        if keys is None:
            control.pop(name, None)
        else:
            control[name] = {**control.get(name, {}), **keys}
            control[name] = {key: value for key, value in control[name].items() if value is not None}
    return ModbusFamily.model_validate({**_MADE, "control": control})


@dataclass(kw_only=True)
class Leader:
    """Leads a plant."""

    plant: Plant
    ceilings: Ceilings = field(default_factory=lambda: Ceilings(family=32.0, site=32.0))
    clock_error: timedelta = timedelta()
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.family = self.plant.family
        self._values: dict[str, Value] = {}
        self.errors: list[GatewayError] = []
        actor = Actor(self.plant, self.look)
        wear = Wear("writes", self.notes, self._note)
        self.setpoint = Setpoint(actor, self.look, lambda _: (self.ceilings, 3), wear=wear, now=self.now)
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> datetime:
        """The box's clock, which may be set."""
        return START + timedelta(seconds=asyncio.get_running_loop().time()) + self.clock_error

    async def _note(self, name: str, text: str) -> None:
        self.notes[name] = text

    async def look(self, *points: str, rank: Rank = Rank.POLL) -> Mapping[str, Value]:
        """As the driver's."""
        names = sources(self.family, points)
        if names:
            self._values.update((await self.plant.read(names, rank=rank)).values)
        return dict(self._values)

    async def lead(self, seconds: float) -> None:
        """Let time pass."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            values = await self.look("limit", "enable", "current")
            if self.setpoint.due(self.family, values):
                self.move()
            await asyncio.sleep(1.0)

    def move(self) -> None:
        """As the driver's mover, which moves beside the poll."""
        self.setpoint.change()
        if not self._tasks:
            task = asyncio.create_task(self._apply())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _apply(self) -> None:
        try:
            await self.setpoint.apply(self.family)
        except Unreachable as error:
            self.errors.append(error)
        except GatewayError as error:
            self.errors.append(error)

    def want(self, *, released: bool | None = None, amps: float | None = None) -> None:
        """Somebody wants something else."""
        if released is not None:
            self.setpoint.wanted.released = released
        if amps is not None:
            self.setpoint.wanted.hold("test", amps)
        self.move()


def lead(
    script: Callable[[Leader], Awaitable[None]],
    *,
    vices: Vices | None = None,
    limit: float = 16.0,
    enable: int = 0,
    keys: dict[str, Any] | None = None,
    notes: dict[str, str] | None = None,
) -> Leader:
    """Play a script in no time."""

    async def play() -> Leader:
        changes = keys or {}
        switched = enable if changes.get("enable", {}) is not None or "stop" in changes else 1
        plant = Plant(family(**changes), vices or Vices(), limit=limit, enable=switched)
        leader = Leader(plant=plant, notes=notes if notes is not None else {})
        await script(leader)
        return leader

    return run(play())
