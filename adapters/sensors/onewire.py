"""Thermometers on a 1-Wire bus, by the kernel's w1_therm (Documentation/w1/slaves/w1_therm.rst)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.sensors.files import text
from adapters.sensors.polled import PolledKeys, PolledKind
from gateway.contracts.sensing import SensorPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts.sensing import SensorSettings
    from gateway.model.sensing import Value

_RAW = re.compile(r"t=(-?[0-9]+)$")
_POWERED_UP = 85_000
_SHORTED = 127_937
"""m°C that a thermometer shows before its first conversion, and when its supply is broken."""


class OneWireKeys(PolledKeys):
    """``kind = "onewire"``."""

    device: Annotated[str, Field(pattern="^[0-9a-f]{2}-[0-9a-f]{12}$")] = Field(
        description="Id of the thermometer, as the folders of /sys/bus/w1/devices are named: 28-0000057c3d1a."
    )
    folder: Path = Field(Path("/sys/bus/w1/devices"), strict=False, description="Where the kernel shows the bus.")


class OneWire(PolledKind):
    """Reads one thermometer after the other; a conversion takes up to 0.75 s."""

    name: ClassVar[str] = "onewire"
    Keys = OneWireKeys

    @override
    @classmethod
    def points(cls, options: OneWireKeys) -> tuple[SensorPoint, ...]:
        return (SensorPoint(name="temperature", unit="degC", poll=options.poll),)

    @override
    def read(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, OneWireKeys):
            raise TypeError(keys)
        millis = _millis(keys.folder / keys.device)
        if millis in {_POWERED_UP, _SHORTED}:
            raise GatewayError("sensor-no-value", name=keys.device, value=millis / 1000)
        return {"temperature": millis / 1000}


def _millis(folder: Path) -> int:
    """The temperature in m°C; older kernels only have the file of two lines with a checksum."""
    modern = folder / "temperature"
    if modern.exists():
        found = text(modern)
        if not found.removeprefix("-").isdigit():  # empty: the checksum was wrong
            raise GatewayError("sensor-content", path=str(modern), value=found[:40])
        return int(found)
    old = folder / "w1_slave"
    lines = text(old).splitlines()
    reading = _RAW.search(lines[-1]) if lines and lines[0].endswith("YES") else None
    if reading is None:
        raise GatewayError("sensor-content", path=str(old), value=lines[0][-40:] if lines else "")
    return int(reading[1])
