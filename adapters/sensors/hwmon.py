"""Sensors that the kernel knows as hwmon chips or thermal zones (Documentation/hwmon/sysfs-interface.rst)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.sensors.files import number, text, the_one
from adapters.sensors.polled import PolledKeys, PolledKind
from gateway.contracts.sensing import SensorPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts.sensing import SensorSettings
    from gateway.model.sensing import Value

_UNITS = {
    "temp": ("degC", 1e-3), "in": ("V", 1e-3), "curr": ("A", 1e-3), "power": ("W", 1e-6), "energy": ("J", 1e-6),
    "humidity": ("%", 1e-3), "fan": ("rpm", 1.0),
}  # fmt: skip
"""By the kind of input: its unit, and the factor from what the file says."""


class HwmonKeys(PolledKeys):
    """``kind = "hwmon"``."""

    chip: str = Field(min_length=1, description="Name of the chip, as in /sys/class/hwmon/hwmon*/name: sht3x.")
    input: Annotated[str, Field(pattern="^(temp|in|curr|power|energy|humidity|fan)[0-9]+$")] = Field(
        "temp1", description="Which of its inputs: temp1, humidity1, in0, fan1 ..."
    )
    folder: Path = Field(Path("/sys/class/hwmon"), strict=False, description="Where the kernel shows the chips.")

    @property
    def meaning(self) -> tuple[str, float]:
        """Unit and factor of the input."""
        return _UNITS[self.input.rstrip("0123456789")]


class Hwmon(PolledKind):
    """Reads inputs of chips, which are found by name: their numbers change from start to start."""

    name: ClassVar[str] = "hwmon"
    Keys = HwmonKeys

    @override
    @classmethod
    def points(cls, options: HwmonKeys) -> tuple[SensorPoint, ...]:
        return (SensorPoint(name="value", unit=options.meaning[0], poll=options.poll),)

    @override
    def read(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, HwmonKeys):
            raise TypeError(keys)
        chip = the_one(keys.folder, "hwmon*", keys.chip)
        fault = chip / f"{keys.input}_fault"
        if fault.exists() and text(fault) == "1":
            raise GatewayError("sensor-fault", name=f"{keys.chip} {keys.input}")
        return {"value": number(chip / f"{keys.input}_input") * keys.meaning[1]}
