"""The box's own components, which every station has without any ``[[sensor]]``: controller, clock, links.

The box is one more controller of a station, ``Controller[Box]``. What it is read by is the kind of sensor ``box``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

from gateway.contracts.sensing import SensorSettings
from gateway.model.catalogue import standard
from gateway.model.device import VariableRef, VariableSpec
from gateway.model.device_types import DataType
from gateway.model.equipment import of_box
from gateway.model.installation import Alerting, AlertKind
from gateway.sensing.feed import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gateway.contracts.sensing import SensorKind
    from gateway.model.errors import GatewayError
    from gateway.model.sensing import Value

KIND = "box"
WIRED, RADIO = "WiredLink", "RadioLink"
"""Instances of ``DataLink``, by the older names of these components."""

ILL_SEVERITY = 4
"""Error: what the self test has found has to be looked at."""

_DAY = 86400.0
"""Seconds that the real-time clock may be wrong: one whose battery is empty is wrong by years."""

_ASKED: Mapping[str, Mapping[str, object]] = {
    "processor": {"what": "cpu", "poll": 10.0},
    "memory": {"what": "memory", "poll": 60.0},
    "disk": {"what": "disk", "poll": 60.0},
    "uptime": {"what": "uptime", "poll": 60.0},
    "time": {"what": "clock", "poll": 30.0},
    "hardware clock": {"what": "rtc", "poll": 60.0},
    WIRED: {"what": "link", "medium": "wired", "poll": 5.0},
    RADIO: {"what": "link", "medium": "radio", "poll": 5.0},
}
"""What is asked -> keys of the kind."""


_LINK = {"there": "Available", "active": "Active", "problem": "Problem", "address": "NetworkAddress"}
"""Point -> variable of a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A variable that the box gives.

    Attributes:
        asked: What it is from.
        point: Of what is asked.
        step: By how much a number has to change before it is told again.
    """

    asked: str
    point: str
    spec: VariableSpec
    step: float = 0.0


def own_equipment() -> tuple[VariableSpec, ...]:
    """The variables that every station has of the box; what the self test gives is of its profile."""
    told = (each.spec for each in _given())
    return (*_fixed(), *told)


def own_alerts() -> tuple[Alerting, ...]:
    """What the backend hears of the box by itself: that its self test finds something."""
    return (Alerting(ref=of_box("Problem"), severity=ILL_SEVERITY, kind=AlertKind.BOX),)


def _fixed() -> Iterator[VariableSpec]:
    yield VariableSpec(ref=of_box("Active"), type=DataType.BOOLEAN, default="true", constant=True)
    try:
        number = version("stationlift")
    except PackageNotFoundError:
        return
    yield VariableSpec(ref=of_box("FirmwareVersion"), default=number, constant=True)


def _given() -> Iterator[_Given]:
    """Names that the standard does not have (Uptime ...) are the box's own."""
    share, boolean = DataType.DECIMAL, DataType.BOOLEAN
    yield _row("processor", "temperature", of_box("Temperature"), step=1.0)
    yield _row("processor", "load_share", of_box("ProcessorLoad"), share, "Percent", 10.0)
    yield _row("memory", "free_share", of_box("MemoryFree"), share, "Percent", 2.0)
    yield _row("disk", "free_share", of_box("DiskFree"), share, "Percent", 1.0)
    yield _row("disk", "read_only", of_box("DiskReadOnly"), boolean)
    yield _row("uptime", "uptime", of_box("Uptime"), DataType.INTEGER, "s", 30.0)
    yield _row("time", "synchronized", VariableRef(component="ClockCtrlr", variable="Synchronized"), boolean)
    for asked, component, instance, points in (
        ("hardware clock", "RealTimeClock", None, {"there": "Available", "battery": "DCVoltage", "problem": "Problem"}),
        (WIRED, "DataLink", WIRED, _LINK),
        (RADIO, "DataLink", RADIO, _LINK),
    ):
        for point, variable in points.items():
            ref = VariableRef(component=component, component_instance=instance, variable=variable)
            yield _row(asked, point, ref, step=0.05)


def _row(
    asked: str, point: str, ref: VariableRef, type_: DataType | None = None, unit: str = "", step: float = 0.0
) -> _Given:
    """Type and unit are the standard's where it knows the variable."""
    entry = standard(ref.component, ref.variable)
    if entry is not None:
        type_, unit = type_ or entry.type, unit or entry.unit
    spec = VariableSpec(
        ref=ref,
        type=type_ or DataType.STRING,
        unit=unit,
        default="false" if type_ is DataType.BOOLEAN else "",
        live=True,
    )
    return _Given(asked=asked, point=point, spec=spec, step=step)


class Stations(Protocol):
    """What is needed of the box."""

    def stations(self) -> Iterable[str]:
        """Identities of all stations."""

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        """Take over values, by ``VariableRef.key``."""


@dataclass(slots=True, kw_only=True)
class Own:
    """``Panel`` of what reads the box: what changes is told of every station."""

    house: Stations
    driver: SensorKind
    read_only: bool = False
    _said: dict[str, Value] = field(default_factory=dict)

    async def run(self) -> None:
        """Read the box until cancelled."""
        await self.driver.run(self)

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        """Pass on what differs enough from what was said before."""
        sensor = sensor.removeprefix(f"{KIND}: ")
        now = {**values, "problem": _ill(sensor, values)}
        changed: dict[str, str] = {}
        for given in _given():
            if given.asked == sensor and given.point in now:
                key, value = given.spec.ref.key, now[given.point]
                if _differs(value, self._said.get(key), given.step):
                    self._said[key] = value
                    changed[key] = text_of(round(value, 2) if isinstance(value, float) else value, given.spec.type)
        self._tell(changed)

    def lost(self, sensor: str, error: GatewayError) -> None:
        """What cannot be read has no value; who reads it has said so in the log."""
        del error
        asked = sensor.removeprefix(f"{KIND}: ")
        gone = [given.spec for given in _given() if given.asked == asked and given.spec.ref.key in self._said]
        for spec in gone:
            del self._said[spec.ref.key]
        self._tell({spec.ref.key: spec.default for spec in gone})

    def _tell(self, changed: Mapping[str, str]) -> None:
        for station in self.house.stations() if changed else ():
            self.house.sensed(station, changed)


def _ill(asked: str, values: Mapping[str, Value]) -> bool:
    """A link that is there and of no use; a clock that shows another day."""
    if asked in {WIRED, RADIO}:
        return values.get("there") is True and values.get("active") is False
    error = values.get("error")
    return asked == "hardware clock" and isinstance(error, float) and error > _DAY


def _differs(value: Value, before: Value | None, step: float) -> bool:
    if isinstance(value, float) and isinstance(before, float):
        return abs(value - before) >= step
    return value != before


def reader(house: Stations, kinds: Mapping[str, type[SensorKind]], root: Path, data_dir: Path) -> Own | None:
    """What reads the box; None where the kind of sensor for it is not installed.

    Args:
        house: The box.
        kinds: Kinds of sensors that are installed.
        root: Where /sys and /proc are.
        data_dir: A folder on the disk that matters.
    """
    kind = kinds.get(KIND)
    if kind is None:
        return None
    settings = [
        SensorSettings(
            name=f"{KIND}: {name}",
            points=frozenset(),
            options=kind.Keys.model_validate(
                {**keys, "root": root} | ({"path": data_dir} if keys["what"] == "disk" else {})
            ),
        )
        for name, keys in _ASKED.items()
    ]
    return Own(house=house, driver=kind(settings))
