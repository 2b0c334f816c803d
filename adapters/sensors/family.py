"""Sensors that a family file describes: I/O modules, meters, thermometers on Modbus, a serial line, MQTT or HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from adapters.common.board import Board
from adapters.common.config import FamilyName
from adapters.common.schedule import Schedule
from adapters.common.wire import Refused, Unreachable, pool_class
from gateway.config.fields import Many, Section
from gateway.contracts.sensing import SensorKind, SensorPoint, SensorSettings
from gateway.family.evaluate import sources
from gateway.model.commands import ACCEPTED, Outcome, Verdict
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Self

    from pydantic import BaseModel

    from adapters.common.wire import Pool, Wire
    from gateway.contracts.sensing import Panel
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value as PointValue
    from gateway.model.sensing import Value

logger = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds until a sensor that has failed is tried again."""


class FamilySensorKeys(Section):
    """The keys of ``[[sensor]]`` for a sensor with a family file."""

    kinds: ClassVar[frozenset[str]]

    family: FamilyName = Field(description="Family of the sensor, such as xy-md02.")
    variants: Many[str] = Field((), description="Variants of the family.")
    connection: dict[str, Any] = Field(description="Where it is, as for a station of that kind.")

    @property
    def described(self) -> AnyFamily:
        """The family with the variants that the site names."""
        return self.family.with_variants(self.variants) if self.variants else self.family.base

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        family = self.family.base
        if family.kind not in self.kinds:
            params = {"value": family.meta.id, "kind": family.kind, "kinds": ", ".join(sorted(self.kinds))}
            raise PydanticCustomError("family-other-adapter", "another kind's family", params)
        try:
            pool_class(family.kind)().wire(self.place(), family, 1)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            params = {"key": ".".join(map(str, first["loc"])), "reason": first["type"]}
            raise PydanticCustomError("connection-wrong", "bad connection", params) from error
        except GatewayError as error:
            params = {"reason": ", ".join([error.code, *map(str, error.params.values())])}
            raise PydanticCustomError("connection-unfit", "connection and family do not fit", params) from error
        return self

    def place(self) -> BaseModel:
        """The connection as the pool of the family's kind wants it."""
        return pool_class(self.family.base.kind).Connection.model_validate(self.connection)


class FamilySensors(SensorKind):
    """Polls each sensor as its family says; what one tells unasked is taken at once.

    A point that has several values is told as ``name.1``, ``name.2`` ...
    """

    Keys: ClassVar[type[FamilySensorKeys]]

    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        self._pools: dict[type[Pool], Pool] = {}
        self._devices = {each.name: _Device(each, self._wire(each)) for each in sensors}

    def _wire(self, settings: SensorSettings) -> Wire:
        keys = _keys(settings)
        kind = pool_class(keys.family.base.kind)
        return self._pools.setdefault(kind, kind()).wire(keys.place(), keys.described, 1)

    @override
    @classmethod
    def points(cls, options: FamilySensorKeys) -> tuple[SensorPoint, ...]:
        return tuple(_points(options.described))

    @override
    async def run(self, panel: Panel) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for device in self._devices.values():
                    group.create_task(device.run(panel))
        finally:
            for pool in self._pools.values():
                await pool.aclose()

    @override
    async def switch(self, sensor: str, point: str, *, on: bool) -> Outcome:
        return await self._devices[sensor].switch(point, on=on)


def _keys(settings: SensorSettings) -> FamilySensorKeys:
    if not isinstance(settings.options, FamilySensorKeys):
        raise TypeError(settings.options)
    return settings.options


def _points(family: AnyFamily) -> Iterator[SensorPoint]:
    rates = family.link.poll
    paces = {"fast": rates.fast, "medium": rates.medium, "slow": rates.slow}
    for name, point in family.points.items():
        pace = paces.get(point.poll) if point.readable else None
        count = getattr(point, "count", 1)
        for part in [name] if count == 1 else [f"{name}.{number}" for number in range(1, count + 1)]:
            yield SensorPoint(name=part, unit=point.unit, poll=pace, output=point.writable)
    yield from (SensorPoint(name=name, poll=rates.medium) for name in family.derive if name not in family.points)


def flat(values: Mapping[str, PointValue]) -> dict[str, Value]:
    """What a device tells, one value to a name; what it has no value for is left out."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            found |= {f"{name}.{index}": part for index, part in enumerate(value, 1) if part is not None}
        elif value is not None:
            found[name] = value
    return found


class _Device:
    """One sensor on its wire."""

    def __init__(self, settings: SensorSettings, wire: Wire) -> None:
        self._name = settings.name
        self._wire = wire
        self._wanted = sources(wire.family, {name.partition(".")[0] for name in settings.points})
        self._refused: set[str] = set()
        self._board = Board()
        self._schedule = Schedule(wire.family.link)
        self._panel: Panel | None = None

    async def run(self, panel: Panel) -> None:
        """Poll until cancelled; a loss is told once."""
        self._panel, lost = panel, False
        while True:
            try:
                await self._poll(panel)
            except (Unreachable, Refused) as error:
                if not lost:
                    logger.warning("sensor %s: %s: %s", self._name, self._wire.address, error)
                lost = True
                panel.lost(self._name, error)
                self._schedule.hurry()
                await asyncio.sleep(RETRY)
                continue
            if lost:
                logger.warning("sensor %s: back", self._name)
            lost = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._schedule.wait(asyncio.get_running_loop().time())):
                    await self._wire.news.wait()

    async def _poll(self, panel: Panel) -> None:
        """Read what is due, and what was told unasked, and tell both."""
        loop, told = asyncio.get_running_loop(), self._wire.news.is_set()
        self._wire.news.clear()
        await self._wire.connect()
        groups = self._schedule.due(loop.time(), idle=False)
        names = [name for name in self._wanted if told or self._wire.family.points[name].poll in groups]
        names = [name for name in names if name not in self._refused and self._wire.family.points[name].readable]
        took = await self._wire.read(names)
        self._refused |= took.refused
        self._board.take(took.values, loop.time())
        values = flat(self._board.fresh(self._wire.family, loop.time(), self._schedule.periods(idle=False)))
        if values:
            panel.told(self._name, values)

    async def switch(self, point: str, *, on: bool) -> Outcome:
        """Write a coil or register of one bit."""
        if self._panel is None or self._panel.read_only or point not in self._outputs():
            return Outcome(verdict=Verdict.UNSUPPORTED, reason=f"{self._name}: {point} is not switched")
        try:
            await self._wire.write(point, int(on))
        except Unreachable as error:
            return Outcome(verdict=Verdict.UNREACHABLE, reason=str(error))
        except GatewayError as error:
            return Outcome(verdict=Verdict.REJECTED, reason=str(error))
        return ACCEPTED

    def _outputs(self) -> Collection[str]:
        return {name for name, point in self._wire.family.points.items() if point.writable}


class ModbusKeys(FamilySensorKeys):
    """``kind = "modbus"``."""

    kinds = frozenset({"modbus"})


class ModbusSensors(FamilySensors):
    """Meters, thermometers and I/O modules on Modbus."""

    name: ClassVar[str] = "modbus"
    Keys = ModbusKeys


class MqttKeys(FamilySensorKeys):
    """``kind = "mqtt"``."""

    kinds = frozenset({"mqtt"})


class MqttSensors(FamilySensors):
    """Devices that tell a broker."""

    name: ClassVar[str] = "mqtt"
    Keys = MqttKeys
