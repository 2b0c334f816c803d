"""What Linux shows of the box itself below /sys and /proc; each reading leaves out what this box does not have."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from adapters.sensors.files import named, number, text
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateway.model.sensing import Value

_THROTTLED = {"undervoltage": 0, "capped": 1, "throttled": 2, "hot": 3, "undervoltage_before": 16}
"""Point -> bit of the Raspberry Pi's get_throttled."""
_TOTAL = re.compile("^MemTotal: +([1-9][0-9]*) kB$", re.MULTILINE)
_AVAILABLE = re.compile("^MemAvailable: +([0-9]+) kB$", re.MULTILINE)
_WATCHDOG_RESET = 0x20
"""WDIOF_CARDRESET of bootstatus (Documentation/watchdog/watchdog-api.rst)."""


def network(root: Path, interface: str) -> dict[str, Value]:
    """An interface (Documentation/ABI/testing/sysfs-class-net); a link that is down has no carrier and no speed."""
    folder = root / "sys/class/net" / interface
    if not folder.exists():
        raise GatewayError("sensor-absent", name=interface, path=str(folder.parent))
    carrier = _number(folder / "carrier") == 1
    state = text(folder / "operstate")
    found: dict[str, Value] = {"up": state == "up" or (state == "unknown" and carrier), "carrier": carrier}
    speed = _number(folder / "speed")
    return found | ({"speed": speed} if speed is not None and speed > 0 else {})


def disk(path: Path) -> dict[str, Value]:
    """The file system that a folder is on; "free" is what is left for users other than root."""
    try:
        of = os.statvfs(path)
    except OSError as error:
        raise GatewayError("sensor-file", path=str(path), reason=error.strerror or str(error)) from error
    usable = of.f_blocks - of.f_bfree + of.f_bavail
    return {
        "free": float(of.f_bavail * of.f_frsize),
        "free_share": 100.0 * of.f_bavail / usable if usable else 0.0,
        "read_only": bool(of.f_flag & os.ST_RDONLY),
    }


def cpu(root: Path, zone: str | None) -> dict[str, Value]:
    """Load and temperature: of the thermal zone of that type, or of the hottest.

    Raises:
        GatewayError: ``sensor-absent``: no thermal zone is of that type; ``sensor-file``: no load.
    """
    zones = [
        each for each in (root / "sys/class/thermal").glob("thermal_zone*") if zone in {None, _text(each / "type")}
    ]
    degrees = [value / 1000 for each in zones if (value := _number(each / "temp")) is not None]
    if zone is not None and not degrees:
        raise GatewayError("sensor-absent", name=zone, path=str(root / "sys/class/thermal"))
    load = _leading(root / "proc/loadavg")
    found: dict[str, Value] = {"load": load, "load_share": 100.0 * load / (os.cpu_count() or 1)}
    return found | ({"temperature": max(degrees)} if degrees else {})


def memory(root: Path) -> dict[str, Value]:
    """What programs can still have (Documentation/filesystems/proc.rst: MemAvailable)."""
    said = text(root / "proc/meminfo")
    total, available = _TOTAL.search(said), _AVAILABLE.search(said)
    if total is None or available is None:
        raise GatewayError("sensor-content", path=str(root / "proc/meminfo"), value=said[:40])
    return {"free": float(available[1]) * 1024, "free_share": 100.0 * float(available[1]) / float(total[1])}


def uptime(root: Path) -> dict[str, Value]:
    """Seconds since the start of the box."""
    return {"uptime": _leading(root / "proc/uptime")}


def supply(root: Path) -> dict[str, Value]:
    """A Raspberry Pi's supply: all flags of the firmware, or only what the kernel's hwmon driver says.

    Raises:
        GatewayError: ``sensor-absent``: this box shows neither.
    """
    flags = _first((root / "sys/devices/platform").glob("soc*/soc*:firmware/get_throttled"))
    if flags is not None:
        bits = _hexadecimal(flags)
        return {name: bool(bits >> bit & 1) for name, bit in _THROTTLED.items()}
    chip = _first(named(root / "sys/class/hwmon", "hwmon*", "rpi_volt"))
    if chip is None:
        raise GatewayError("sensor-absent", name="get_throttled, rpi_volt", path=str(root / "sys"))
    return {"undervoltage": number(chip / "in0_lcrit_alarm") == 1}


def watchdog(root: Path) -> dict[str, Value]:
    """The hardware watchdog: somebody feeds it, and whether it has caused the last start.

    Raises:
        GatewayError: ``sensor-absent``: there is none.
    """
    folder = root / "sys/class/watchdog/watchdog0"
    if not folder.exists():
        raise GatewayError("sensor-absent", name="watchdog0", path=str(folder.parent))
    status = _number(folder / "bootstatus")
    found: dict[str, Value] = {"active": text(folder / "state") == "active"}
    return found | ({"caused_start": bool(int(status) & _WATCHDOG_RESET)} if status is not None else {})


def rtc(root: Path, now: float) -> dict[str, Value]:
    """The real-time clock (Documentation/ABI/testing/sysfs-class-rtc), which runs on a battery while the box is off.

    ``there``: there is one. ``error``: seconds that it differs from ``now``, the system's clock in seconds since 1970; one
    whose battery is empty begins somewhere else. ``battery``: volts, where the driver shows them (in µV).
    """
    folder = _first((root / "sys/class/rtc").glob("rtc*"))
    if folder is None:
        return {"there": False}
    found: dict[str, Value] = {"there": True}
    shown, micros = _number(folder / "since_epoch"), _number(folder / "battery_voltage")
    found |= {"error": abs(shown - now)} if shown is not None else {}
    return found | ({"battery": micros / 1e6} if micros is not None else {})


def _first(paths: Iterable[Path]) -> Path | None:
    return next(iter(sorted(paths)), None)


def _text(path: Path) -> str | None:
    try:
        return text(path)
    except GatewayError:
        return None


def _number(path: Path) -> float | None:
    try:
        return number(path)
    except GatewayError:
        return None


def _leading(path: Path) -> float:
    found = text(path)
    try:
        return float(found.split()[0])
    except (IndexError, ValueError) as error:
        raise GatewayError("sensor-content", path=str(path), value=found[:40]) from error


def _hexadecimal(path: Path) -> int:
    found = text(path)
    try:
        return int(found, 16)
    except ValueError as error:
        raise GatewayError("sensor-content", path=str(path), value=found[:40]) from error
