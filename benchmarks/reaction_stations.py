"""The stations of ``benchmarks.reaction``, all of which charge: wallboxes that the box leads, and old OCPP stations."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from typing_extensions import override

from benchmarks.reaction_inputs import COLD, FIRE, WARM, Module
from benchmarks.subjects import listening
from gateway.bench.car import Car
from gateway.bench.clock import ScaledClock
from gateway.bench.family.command import build
from gateway.bench.family.ways import Options, attach
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.family.library import find_family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from gateway.bench.family.station import FamilyStation

FAMILY = "amperfied"
RATED = 16.0
"""A per phase of each EVSE."""
HALF = RATED / 2 + 0.1

_EVSE = f'[[station.evse]]\nid = 1\nconnector = {{ type = "sType2", max_current = {RATED:.0f}, phases = 3 }}\n'


class Stations(ABC):
    """All stations of a measurement.

    Attributes:
        names: Their identities northbound.
        count: How many.
    """

    def __init__(self, count: int, module: Module) -> None:
        self.count = count
        self.names = [f"B-{number}" for number in range(1, count + 1)]
        self._module = module
        self._round = 0

    @abstractmethod
    def site(self, port: int) -> Iterator[str]:
        """Their part of the site file; ``port`` is free for the box to listen on."""

    @abstractmethod
    @contextlib.asynccontextmanager
    def running(self) -> AsyncIterator[None]:
        """Have them run; before the site file is written."""

    @abstractmethod
    async def greet(self) -> None:
        """Show up, where a station does that by itself: the box has been started."""

    @abstractmethod
    async def begin(self) -> None:
        """Begin to charge."""

    @abstractmethod
    def charges(self, number: int) -> bool:
        """Whether a station charges as it should before the input changes."""

    def trip(self) -> None:
        """Change the input."""
        self._module.inputs[FIRE[self._round % len(FIRE)]] = 1

    @abstractmethod
    def reacted(self, number: int) -> bool:
        """Whether a station has done, or been told, what the input asks for."""

    @abstractmethod
    async def end(self) -> None:
        """End what was begun, so that it can begin again once the input is as before."""

    def rest(self) -> None:
        """Change the input back."""
        self._module.inputs[FIRE[self._round % len(FIRE)]] = 0
        self._round += 1


class Wallboxes(Stations):
    """Wallboxes on Modbus TCP: what counts is that no current flows any more."""

    def __init__(self, count: int, module: Module) -> None:
        super().__init__(count, module)
        self._stations = [build(find_family(FAMILY), frozenset()) for _ in range(count)]
        for station in self._stations:
            attach(station, Options())

    @override
    def site(self, port: int) -> Iterator[str]:
        for name, station in zip(self.names, self._stations, strict=True):
            where = station.connection
            yield (
                f'[[station]]\nidentity = "{name}"\nadapter = "modbus"\nfamily = "{FAMILY}"\n'
                f'connection = {{ tcp = "{where["tcp"]}", unit = {where.get("unit", 1)} }}\n'
                f'authorization = "free_vend"\n{_EVSE}'
            )

    @override
    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        for station in self._stations:
            await station.start()
        async with _lives(self._stations):
            yield

    @override
    async def greet(self) -> None:
        """The box finds them."""

    @override
    async def begin(self) -> None:
        for station in self._stations:
            station.outlets[0].plug(Car())

    def amps(self, number: int) -> float:
        """The current that a car may take."""
        told = self._stations[number].outlets[0].summary()
        return float(str(told["limit"])) if told["closed"] and told["released"] else 0.0

    @override
    def charges(self, number: int) -> bool:
        return self.amps(number) > HALF

    @override
    def reacted(self, number: int) -> bool:
        return self.amps(number) == 0

    @override
    async def end(self) -> None:
        for station in self._stations:
            station.outlets[0].plug(None)


class WarmWallboxes(Wallboxes):
    """The same where it gets warm: what counts is that no more than half of the current may flow."""

    @override
    def trip(self) -> None:
        self._module.celsius = WARM

    @override
    def reacted(self, number: int) -> bool:
        return self.amps(number) <= HALF

    @override
    def rest(self) -> None:
        self._module.celsius = COLD


class OldStations(Stations):
    """Stations with OCPP 1.5 over SOAP: what counts is that they got RemoteStopTransaction."""

    def __init__(self, count: int, module: Module) -> None:
        super().__init__(count, module)
        self._stations: list[SimulatedStation] = []
        self._lives = contextlib.AsyncExitStack()
        self._port = 0

    @override
    def site(self, port: int) -> Iterator[str]:
        self._port = port
        yield f'[southbound.ocpp_soap]\nlisten = "127.0.0.1:{port}"\n'
        for name in self.names:
            yield f'[[station]]\nidentity = "{name}"\nadapter = "ocpp_soap"\ncharge_box_identity = "{name}"\n{_EVSE}'

    @override
    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._lives:
            yield

    @override
    async def greet(self) -> None:
        await listening(self._port)
        for name in self.names:
            config = StationConfig(url=f"http://127.0.0.1:{self._port}/", identity=name, max_current=RATED)
            self._stations.append(SimulatedStation(config, ScaledClock(speed=1.0)))
        await self._lives.enter_async_context(_lives(self._stations))

    @override
    async def begin(self) -> None:
        for station in self._stations:
            station.ledger.commands.clear()
            await station.plug_in(1)
            await station.present_token(1, "04A1B2C3D4E5F6")

    @override
    def charges(self, number: int) -> bool:
        held = self._stations[number].ledger.transactions
        return bool(held) and held[-1].transaction_id is not None and held[-1].stopped_at is None

    @override
    def reacted(self, number: int) -> bool:
        return any(each.operation == "RemoteStopTransaction" for each in self._stations[number].ledger.commands)

    @override
    async def end(self) -> None:
        for station in self._stations:
            await station.plug_out(1)


@contextlib.asynccontextmanager
async def _lives(stations: Sequence[FamilyStation] | Sequence[SimulatedStation]) -> AsyncIterator[None]:
    lives = [asyncio.create_task(station.run()) for station in stations]
    try:
        yield
    finally:
        for station in stations:
            await station.exit()
        await asyncio.gather(*lives)


WAYS: dict[str, tuple[str, type[Stations]]] = {
    "stop": ("fire contact until a wallbox gives no current", Wallboxes),
    "derate": ("heat until a wallbox gives half of its current", WarmWallboxes),
    "ocpp": ("fire contact until an OCPP 1.5 station gets RemoteStopTransaction", OldStations),
}
"""What can be measured."""
