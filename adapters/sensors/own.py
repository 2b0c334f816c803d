"""What the box can tell of itself: network, disk, processor, memory, supply, watchdog, clock."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import override

from adapters.sensors import own_readings
from adapters.sensors.kernel_clock import kernel_clock
from adapters.sensors.own_links import link
from adapters.sensors.polled import PolledKeys, PolledKind
from gateway.config.fields import AnyPath
from gateway.contracts.sensing import SensorPoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from adapters.sensors.kernel_clock import KernelClock
    from gateway.contracts.sensing import SensorSettings
    from gateway.model.sensing import Value

_POINTS: Mapping[str, Mapping[str, str]] = {
    "network": {"up": "", "carrier": "", "speed": "Mbit/s"},
    "disk": {"free": "B", "free_share": "%", "read_only": ""},
    "cpu": {"temperature": "degC", "load": "", "load_share": "%"},
    "memory": {"free": "B", "free_share": "%"},
    "uptime": {"uptime": "s"},
    "supply": {"undervoltage": "", "capped": "", "throttled": "", "hot": "", "undervoltage_before": ""},
    "watchdog": {"active": "", "caused_start": ""},
    "clock": {"synchronized": "", "error": "s", "rtc_battery": "V"},
    "rtc": {"there": "", "error": "s", "battery": "V"},
    "link": {"there": "", "active": "", "interface": "", "address": ""},
}
"""What is asked -> point -> its unit."""
_OWNERS = {"interface": "network", "path": "disk", "zone": "cpu", "medium": "link"}
"""Key -> what it is for."""


class BoxKeys(PolledKeys):
    """``kind = "box"``."""

    what: Literal["network", "disk", "cpu", "memory", "uptime", "supply", "watchdog", "clock", "rtc", "link"] = Field(
        description="What of the box: network, disk, cpu, memory, uptime, supply, watchdog, clock, rtc, link."
    )
    interface: Annotated[str, Field(pattern=r"^[^/\s]{1,15}$")] | None = Field(
        None, description="For network: the interface, such as eth0 or wwan0."
    )
    path: AnyPath | None = Field(None, description="For disk: a folder on it, such as data_dir; / if absent.")
    zone: str | None = Field(None, description="For cpu: type of the thermal zone; the hottest one if absent.")
    medium: Literal["wired", "radio"] | None = Field(
        None, description="For link: wired (Ethernet, xDSL) or radio (mobile, WLAN), whichever interface that is."
    )
    root: Path = Field(Path("/"), strict=False, description="Where /sys and /proc are.")

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        for key, what in _OWNERS.items():
            if getattr(self, key) is not None and self.what != what:
                raise PydanticCustomError("box-key", "not for that", {"name": key, "what": self.what, "owner": what})
        if self.what == "network" and self.interface is None:
            raise PydanticCustomError("box-interface", "no interface")
        if self.what == "link" and self.medium is None:
            raise PydanticCustomError("box-medium", "no medium")
        return self


class Box(PolledKind):
    """Reads what Linux shows of the machine that it runs on; a point that this box does not have is never told."""

    name: ClassVar[str] = "box"
    Keys = BoxKeys

    def __init__(self, sensors: Sequence[SensorSettings], clock: Callable[[], KernelClock] = kernel_clock) -> None:
        super().__init__(sensors)
        self._clock = clock

    @override
    @classmethod
    def points(cls, options: BoxKeys) -> tuple[SensorPoint, ...]:
        units = _POINTS[options.what]
        return tuple(SensorPoint(name=name, unit=unit, poll=options.poll) for name, unit in units.items())

    @override
    def read(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, BoxKeys):
            raise TypeError(keys)
        match keys.what:
            case "network":
                return own_readings.network(keys.root, keys.interface or "")
            case "disk":
                return own_readings.disk(keys.path or keys.root)
            case "cpu":
                return own_readings.cpu(keys.root, keys.zone)
            case "memory":
                return own_readings.memory(keys.root)
            case "uptime":
                return own_readings.uptime(keys.root)
            case "supply":
                return own_readings.supply(keys.root)
            case "watchdog":
                return own_readings.watchdog(keys.root)
            case "clock":
                clock = self._clock()
                known: dict[str, Value] = {"synchronized": clock.synchronized, "error": clock.error}
                battery = own_readings.rtc(keys.root, time.time()).get("battery")
                return known | ({} if battery is None else {"rtc_battery": battery})
            case "rtc":
                return own_readings.rtc(keys.root, time.time())
            case "link":
                return link(keys.root, keys.medium or "wired")
