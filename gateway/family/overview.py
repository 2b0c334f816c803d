"""What a family can do, in a few words for people: one row of a table. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gateway.family.family import AsciiFamily, HttpFamily, LineFamily, ModbusFamily, MqttFamily, UdpFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import AnyFamily

_MEASURED = (
    ("energy_total", "energy"),
    ("energy_session", "energy of the session"),
    ("power", "power"),
    ("power_phase", "power"),
    ("current", "current"),
    ("voltage", "voltage"),
    ("frequency", "frequency"),
    ("power_factor", "power factor"),
    ("soc", "state of charge"),
)
"""Canonical point -> what it measures."""

_SENSED = (
    ("temp", "temperature"),
    ("humidity", "humidity"),
    ("illuminance", "light"),
    ("contact", "contact"),
    ("motion", "motion"),
    ("smoke", "smoke"),
    ("leak", "water"),
    ("vibration", "vibration"),
    ("tilt", "tilt"),
    ("inputs", "inputs"),
    ("counters", "pulses"),
    ("analog", "analog inputs"),
)
"""The same of added sensors."""

_TRAFFIC = {"read-any": "any read", "read-or-write": "any traffic", "rewrite-limit": "the limit again"}


def wires(family: AnyFamily) -> str:
    """How it is reached, with the factory's settings of a serial line."""
    match family:
        case ModbusFamily():
            line = f"{family.link.baud} {family.link.format}, unit {family.link.unit}"
            names = {"tcp": f"TCP {family.link.port}", "rtu": f"RTU {line}", "rtu-tcp": "RTU over TCP"}
            return "Modbus " + "; ".join(names[each] for each in family.link.transports)
        case AsciiFamily():
            return f"Modbus ASCII {family.link.baud} {family.link.format}, unit {family.link.unit}"
        case LineFamily():
            return f"text lines {family.link.baud} {family.link.format}; {', '.join(family.link.transports)}"
        case MqttFamily():
            return "MQTT" + (f", prefix {family.link.prefix}" if family.link.prefix else "")
        case HttpFamily():
            return "HTTP" + (f", {family.link.auth}" if family.link.auth != "none" else "")
        case UdpFamily():
            return f"UDP {family.link.remote_port}"
    raise TypeError(family)


def limit(family: AnyFamily) -> str:
    """Range, unit and step of the limit; "" for none."""
    spec = family.control.limit
    if spec is None:
        return ""
    worn = ", worn" if spec.persist else ""
    return f"{spec.min:g}-{spec.max:g} {spec.unit} by {spec.step:g}{worn}"


def read_back(family: AnyFamily) -> str:
    """The point that shows the limit; "" for none."""
    spec = family.control.limit
    return spec.verify.point if spec is not None and spec.verify is not None else ""


def hold(family: AnyFamily) -> str:
    """How charging is held back and released; "" for not at all."""
    control = family.control
    pause = control.limit.pause if control.limit is not None else "disable"
    by_limit = "" if pause == "disable" else "limit 0" if pause == "zero" else "own steps"
    if control.enable is not None:
        return f"release, or {by_limit}" if control.enable.when is not None and by_limit else "release"
    if control.limit is None:
        return "start, stop" if control.start is not None or control.stop is not None else ""
    return by_limit


def measures(family: AnyFamily) -> str:
    """What it measures, most wanted first; "" for nothing."""
    known = family.points.keys() | family.derive.keys()
    table = (*_MEASURED, *_SENSED) if family.meta.role == "sensor" else _MEASURED
    return ", ".join(dict.fromkeys(word for point, word in table if point in known))


def switches(family: AnyFamily) -> str:
    """The outputs that can be switched, as many as there are; "" for none."""
    names = [name for name, point in family.points.items() if point.access == "rw"]
    groups = Counter(name.rstrip("0123456789").rstrip("_") for name in names)
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in groups.items())


def soonest(family: AnyFamily) -> str:
    """How often its fast points are read; "" where none is asked for."""
    asked = not isinstance(family, MqttFamily) and any(point.poll == "fast" for point in family.points.values())
    return f"{family.link.poll.fast * 1000:g} ms" if asked else ""


def watchdog(family: AnyFamily) -> str:
    """What keeps its watchdog content, and after how many seconds it falls back; "" for none, "?" for not known."""
    dog = family.watchdog
    if dog.kind in {"none", "unknown"}:
        return "" if dog.kind == "none" else "?"
    time = f"{dog.timeout_s:g} s" if dog.timeout_s is not None else "can be set" if dog.timeout or dog.setup else ""
    return ", ".join(each for each in (_TRAFFIC.get(dog.kind, "a write"), time) if each)


def doubts(family: AnyFamily) -> Iterator[str]:
    """Its facts that are guesses."""
    yield from family.meta.unverified
    yield from (f"{name}: {point.unverified}" for name, point in family.points.items() if point.unverified)
