"""Sensors that a family file describes: I/O modules, meters, thermometers on Modbus, a serial line, MQTT or HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from adapters.common.config import FamilyName
from adapters.common.doubts import doubts
from adapters.common.wire import Pool, pool_class, used
from adapters.sensors.family_device import FamilyDevice, is_analogue, is_output
from gateway.config.fields import Many, Section
from gateway.contracts import Buses
from gateway.contracts.sensing import SensorKind, SensorPoint, SensorSettings
from gateway.family.points import FramePoint, PathPoint, RegisterPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel

    from adapters.common.wire import Wire
    from gateway.config.fields import Remark
    from gateway.contracts import LineUse
    from gateway.contracts.sensing import Panel
    from gateway.family.family import AnyFamily
    from gateway.family.points import AnyPoint
    from gateway.model.commands import Outcome
    from gateway.model.readings import Signature
    from gateway.model.signing import SigningOrder


class FamilySensorKeys(Section):
    """The keys of ``[[sensor]]`` for a sensor with a family file."""

    kinds: ClassVar[frozenset[str]]

    family: FamilyName = Field(description="Family of the sensor, such as xy-md02.")
    variants: Many[str] = Field((), description="Variants of the family.")
    connection: dict[str, Any] = Field(description="Where it is, as for a station of that kind.")
    _pool: type[Pool] = PrivateAttr()

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
        if family.meta.role == "station":  # its coils are no outputs for anybody but the box's own adapter
            raise PydanticCustomError("family-station", "a station is no sensor", {"value": family.meta.id})
        for each in sorted(set(self.variants) - {variant.id for variant in family.variant}):
            raise PydanticCustomError("family-variant-unknown", "no such variant", {"name": each})
        self._pool = pool_class(family.kind)  # reads files: not while the box runs
        try:
            self._pool().wire(self.place(), self.described, 1)
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
        return self._pool.Connection.model_validate(self.connection)

    @override
    def remarks(self) -> Iterator[Remark]:
        """Guesses in the family's facts."""
        yield from doubts(self.described)

    @property
    def pool(self) -> type[Pool]:
        """What makes wires of the family's kind."""
        return self._pool


class FamilySensors(SensorKind):
    """Polls each sensor as its family says; what one tells unasked is taken at once.

    A point that has several values is told as ``name.1``, ``name.2`` ...
    """

    Keys: ClassVar[type[FamilySensorKeys]]

    def __init__(self, sensors: Sequence[SensorSettings], buses: Buses | None = None) -> None:
        """Take the sensors.

        Args:
            sensors: Of this kind.
            buses: What they share with the rest of the box; lines of their own if absent.
        """
        self._pools = buses or Buses()
        self._own_pools = buses is None
        self._devices = {each.name: FamilyDevice(each, self._wire(each)) for each in sensors}

    def _wire(self, settings: SensorSettings) -> Wire:
        keys = _keys(settings)
        return self._pools.of(keys.pool).wire(keys.place(), keys.described, 1)

    @override
    @classmethod
    def made(cls, sensors: Sequence[SensorSettings], buses: Buses) -> Self:
        return cls(sensors, buses)

    @override
    @classmethod
    def lines(cls, options: FamilySensorKeys) -> Iterator[LineUse]:
        return used(options.pool, options.place(), options.described, ("connection",))

    @override
    @classmethod
    def points(cls, options: FamilySensorKeys) -> tuple[SensorPoint, ...]:
        return tuple(_points(options.described))

    @override
    @classmethod
    def signs(cls, options: FamilySensorKeys) -> bool:
        return options.described.signing is not None

    @override
    async def run(self, panel: Panel) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for device in self._devices.values():
                    group.create_task(device.run(panel))
        finally:
            for device in self._devices.values():
                await device.aclose()
            if self._own_pools:
                await self._pools.aclose()

    @override
    async def switch(self, sensor: str, point: str, *, on: bool) -> Outcome:
        return await self._devices[sensor].switch(point, on=on)

    @override
    async def drive(self, sensor: str, point: str, value: float) -> Outcome:
        return await self._devices[sensor].drive(point, value)

    @override
    async def sign(self, sensor: str, order: SigningOrder) -> Signature:
        return await self._devices[sensor].sign(order)


def _keys(settings: SensorSettings) -> FamilySensorKeys:
    if not isinstance(settings.options, FamilySensorKeys):
        raise TypeError(settings.options)
    return settings.options


def _points(family: AnyFamily) -> Iterator[SensorPoint]:
    rates = family.link.poll
    paces = {"fast": rates.fast, "medium": rates.medium, "slow": rates.slow}
    for name, point in family.points.items():
        pace = paces.get(point.poll) if point.readable else None
        for part in _parts(name, point):
            yield SensorPoint(
                name=part, unit=point.unit, poll=pace, output=is_output(point), analogue=is_analogue(point)
            )
    yield from (SensorPoint(name=name, poll=rates.medium) for name in family.derive if name not in family.points)


def _parts(name: str, point: AnyPoint) -> Iterable[str]:
    """The names of a point's values."""
    count = _count(point)
    return [name] if count == 1 else [f"{name}.{number}" for number in range(1, count + 1)]


def _count(point: AnyPoint) -> int:
    if isinstance(point, RegisterPoint):
        return point.count
    if isinstance(point, FramePoint):
        return 1 if point.type == "raw" else point.n
    source = point.ptr if isinstance(point, PathPoint) else point.from_
    return 1 if isinstance(source, str) else len(source)


class ModbusKeys(FamilySensorKeys):
    """``kind = "modbus"``."""

    kinds = frozenset({"modbus", "modbus-ascii"})


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


class HttpKeys(FamilySensorKeys):
    """``kind = "http"``."""

    kinds = frozenset({"http-json"})


class HttpSensors(FamilySensors):
    """Devices with a page of their own."""

    name: ClassVar[str] = "http"
    Keys = HttpKeys


class LineKeys(FamilySensorKeys):
    """``kind = "line"``."""

    kinds = frozenset({"ascii-line"})


class LineSensors(FamilySensors):
    """Devices that speak lines of text."""

    name: ClassVar[str] = "line"
    Keys = LineKeys
