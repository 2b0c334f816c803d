"""What every adapter of family stations does; a protocol adds its name, its keys and its pool."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, ClassVar, Self

from typing_extensions import override

from adapters.common.config import FamilyKeys
from adapters.common.metering import AddedMeter
from adapters.common.station import FamilyStation
from adapters.common.wire import pool_class, used
from gateway.config.fields import Section
from gateway.contracts import Adapter, Buses, LineUse, Look, StationSettings
from gateway.family.evaluate import condition, derived
from gateway.family.throttle import own_limit
from gateway.family.variants import matching
from gateway.model.commands import Outcome, Verdict, station_of
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from adapters.common.wire import Wire
    from gateway.contracts import Southbound
    from gateway.family.value import Value
    from gateway.model.commands import Command
    from gateway.model.ids import Place
    from gateway.model.throttle import OwnLimit

logger = logging.getLogger(__name__)

RESTART_AFTER = 5.0


class NoSiteKeys(Section):
    """A ``[southbound.<adapter>]`` that has nothing to say."""


class FamilyAdapter(Adapter):
    """Serves every station of the site whose family is on one kind of wire."""

    rehearses = True
    SiteConfig = NoSiteKeys
    StationConfig: ClassVar[type[FamilyKeys]]

    def __init__(self, site: Any, stations: Iterable[StationSettings], buses: Buses | None = None) -> None:  # noqa: ANN401 the adapter's own model
        """Take the stations.

        Args:
            site: Says nothing.
            stations: Its stations.
            buses: What it shares with the rest of the box; lines of its own if absent.
        """
        del site
        self._pools = buses or Buses()
        self._own_pools = buses is None
        self._wires: list[Wire] = []
        self._stations = {settings.identity: self._station(settings) for settings in stations}

    @override
    @classmethod
    def made(cls, site: Any, stations: Iterable[StationSettings], buses: Buses) -> Self:
        return cls(site, stations, buses)

    def _station(self, settings: StationSettings) -> FamilyStation:
        keys = settings.options
        if not isinstance(keys, FamilyKeys):
            raise TypeError(keys)
        pool = self._pools.of(keys.PoolClass)
        wires = {number: pool.wire(keys.where, keys.family.base, number) for number in settings.connectors}
        meter = None
        if keys.meter is not None:
            family = keys.meter.family.base
            wire = self._pools.of(pool_class(family.kind)).wire(keys.meter.place(), family, 1)
            meter = AddedMeter(wire)
            self._wires.append(wire)
        self._wires.extend(wires.values())
        return FamilyStation(settings, keys, wires, meter)

    @override
    async def run(self, hub: Southbound) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for station in self._stations.values():
                    group.create_task(self._drive(station, hub))
        finally:
            for wire in self._wires:
                await wire.aclose()
            if self._own_pools:
                await self._pools.aclose()

    async def _drive(self, station: FamilyStation, hub: Southbound) -> None:
        """Drive a station; what goes wrong with one is no matter of the others."""
        while True:
            try:
                await station.run(hub)
            except* GatewayError as errors:
                logger.error("%s: %s; again in %.0f s", station.identity, errors.exceptions[0], RESTART_AFTER)  # noqa: TRY400 expected failure
            await asyncio.sleep(RESTART_AFTER)

    @override
    async def execute(self, command: Command) -> Outcome:
        station = self._stations.get(station_of(command))
        return await station.execute(command) if station else Outcome(verdict=Verdict.UNREACHABLE)

    @override
    def hold_back(self, place: Place, holder: str, current: float | None) -> None:
        station = self._stations.get(place.station)
        if station is not None:
            station.hold_back(place.evse, holder, current)

    @override
    @classmethod
    def own_limit(cls, options: FamilyKeys) -> OwnLimit | None:
        file = options.family
        family = file.with_variants(options.variants) if options.variants else file.base
        return own_limit(family, options.failsafe_current, options.failsafe_timeout)

    @override
    @classmethod
    def unfit(cls, stations: Sequence[StationSettings]) -> Iterator[tuple[StationSettings, GatewayError]]:
        for settings in stations:
            keys = settings.options
            if not isinstance(keys, FamilyKeys):
                raise TypeError(keys)
            try:
                _check_connectors(keys, settings.connectors)
                if keys.meter is not None and len(settings.connectors) > 1:
                    raise GatewayError("meter-shared")  # noqa: TRY301 all that is unfit goes one way
                pool = keys.PoolClass()
                for number in settings.connectors:
                    pool.wire(keys.where, keys.family.base, number)
                if keys.meter is not None:
                    meter = keys.meter.family.base
                    pool_class(meter.kind)().wire(keys.meter.place(), meter, 1)
            except GatewayError as error:
                yield settings, error

    @override
    @classmethod
    def lines(cls, station: StationSettings) -> Iterator[LineUse]:
        keys = station.options
        if not isinstance(keys, FamilyKeys):
            raise TypeError(keys)
        for number in station.connectors:
            yield from used(keys.PoolClass, keys.where, keys.family.base, ("connection",), number)
        if keys.meter is not None:
            meter = keys.meter.family.base
            yield from used(pool_class(meter.kind), keys.meter.place(), meter, ("meter", "connection"))
        if keys.reader is not None and keys.reader.serial is not None:
            manner = f"card reader {keys.reader.baud} 8N1"
            yield LineUse(name=keys.reader.serial, manner=manner, path=("reader", "serial"), alone=True)

    @override
    @classmethod
    async def look(cls, options: BaseModel) -> AsyncIterator[Look]:
        if not isinstance(options, FamilyKeys):
            raise TypeError(options)
        pool = options.PoolClass()
        wire = pool.wire(options.where, options.family.base, 1)
        try:
            await wire.connect()
            async for each in _looks(wire, options):
                yield each
        finally:
            await wire.aclose()
            await pool.aclose()

    @override
    def reach(self, station: str) -> tuple[str | None, datetime | None]:
        found = self._stations[station]
        return found.address, found.heard


def _check_connectors(keys: FamilyKeys, connectors: Iterable[int]) -> None:
    instances = keys.family.base.link.instances
    most = instances.max if instances is not None else 1
    for number in connectors:
        if number > most:
            raise GatewayError("family-connectors", value=number, family=keys.family.base.meta.id, most=most)


async def _looks(wire: Wire, options: FamilyKeys) -> AsyncIterator[Look]:
    """One point after the other, so that each tells of itself what is wrong with it; a station that is silent ends it."""
    values: dict[str, Value] = {}
    refused: set[str] = set()
    base = options.family.base
    probes = {variant.probe.point for variant in base.variant}
    for name in sorted(probes):
        took = await wire.read([name])
        values.update(took.values)
        refused |= took.refused
    variants = options.variants or matching(base, values, frozenset(refused))
    family = options.family.with_variants(variants)
    wire.use(family)
    for name, point in family.points.items():
        if not point.readable:
            continue
        took = await wire.read([name])
        problem = "refused" if name in took.refused else "absent" if took.values.get(name) is None else ""
        values.update(took.values)
        yield Look(point=name, value=took.values.get(name), unit=point.unit, problem=problem)
    whole = derived(family, values)
    for name in family.derive:
        yield Look(point=name, value=whole.get(name))
    yield Look(point="letter", value=condition(family, whole).letter.value)
    yield Look(point="variant", value=", ".join(variants) or None)
