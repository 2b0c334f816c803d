"""Converters, climate, light and motion sensors of the kernel's IIO (Documentation/ABI/testing/sysfs-bus-iio)."""

from __future__ import annotations

from math import acos, degrees, hypot
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field
from typing_extensions import override

from adapters.sensors.files import number, the_one
from adapters.sensors.polled import PolledKeys, PolledKind
from gateway.contracts.sensing import SensorPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts.sensing import SensorSettings
    from gateway.model.sensing import Value

_UNITS = {
    "voltage": ("V", 1e-3), "current": ("mA", 1.0), "temp": ("degC", 1e-3), "humidityrelative": ("%", 1e-3),
    "pressure": ("kPa", 1.0), "illuminance": ("lx", 1.0), "resistance": ("Ohm", 1.0),
}  # fmt: skip
"""By the kind of channel: its unit, and the factor from what ``(raw + offset) * scale`` gives."""

GRAVITY = 9.80665
_AXES = ("x", "y", "z")


class IioKeys(PolledKeys):
    """``kind = "iio"``."""

    device: str = Field(min_length=1, description="Name of the device, as in /sys/bus/iio/devices/*/name: ads1115.")
    channel: Annotated[
        str, Field(pattern="^(accel|(voltage|current|temp|humidityrelative|pressure|illuminance|resistance)[0-9]*)$")
    ] = Field(
        description='Which of its channels: voltage0, temp, humidityrelative, illuminance; "accel": all three axes.'
    )
    upright: Annotated[tuple[float, float, float], Field(strict=False)] = Field(
        (0.0, 0.0, 1.0), description="For accel: which way is up when the cabinet stands as it should (x, y, z)."
    )
    folder: Path = Field(Path("/sys/bus/iio/devices"), strict=False, description="Where the kernel shows the devices.")


class Iio(PolledKind):
    """Reads channels of devices, which are found by name.

    An accelerometer gives ``tilt`` (degrees from upright) and ``shock`` (in g, what is beyond gravity).
    """

    name: ClassVar[str] = "iio"
    Keys = IioKeys

    @override
    @classmethod
    def points(cls, options: IioKeys) -> tuple[SensorPoint, ...]:
        if options.channel == "accel":
            return (
                SensorPoint(name="tilt", unit="deg", poll=options.poll),
                SensorPoint(name="shock", unit="g", poll=options.poll),
            )
        unit, _ = _UNITS[options.channel.rstrip("0123456789")]
        return (SensorPoint(name="value", unit=unit, poll=options.poll),)

    @override
    def read(self, settings: SensorSettings) -> Mapping[str, Value]:
        keys = settings.options
        if not isinstance(keys, IioKeys):
            raise TypeError(keys)
        device = the_one(keys.folder, "iio:device*", keys.device)
        if keys.channel != "accel":
            kind = keys.channel.rstrip("0123456789")
            return {"value": _value(device, keys.channel, kind) * _UNITS[kind][1]}
        x, y, z = (_value(device, f"accel_{axis}", "accel") for axis in _AXES)
        return motion((x, y, z), keys.upright)


def motion(force: tuple[float, float, float], upright: tuple[float, float, float]) -> dict[str, Value]:
    """Tilt and shock from what an accelerometer feels, in m/s².

    Raises:
        GatewayError: ``sensor-no-value``: it feels nothing, so no direction is down.
    """
    strength, length = hypot(*force), hypot(*upright)
    if not strength or not length:
        raise GatewayError("sensor-no-value", name="accel", value=strength)
    cosine = sum(one * other for one, other in zip(force, upright, strict=True)) / (strength * length)
    return {"tilt": degrees(acos(max(-1.0, min(1.0, cosine)))), "shock": abs(strength - GRAVITY) / GRAVITY}


def _value(device: Path, channel: str, kind: str) -> float:
    """A channel in the kernel's unit; scale and offset may be those of all channels of a kind."""
    direct = device / f"in_{channel}_input"
    if direct.exists():
        return number(direct)
    raw = number(device / f"in_{channel}_raw")
    return (raw + _either(device, channel, kind, "offset", 0.0)) * _either(device, channel, kind, "scale", 1.0)


def _either(device: Path, channel: str, kind: str, what: str, default: float) -> float:
    for name in (channel, kind):
        path = device / f"in_{name}_{what}"
        if path.exists():
            return number(path)
    return default
