"""Alerts as messages of MQTT. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.model.device import timestamp

if TYPE_CHECKING:
    from gateway.model.alerts import Alert

ONLINE, OFFLINE = b"online", b"offline"
OVER = b""
"""A retained message without content takes away the one before (MQTT 3.1.1, 3.3.1.3)."""


def presence(prefix: str) -> str:
    """The topic that says whether the box is there."""
    return f"{prefix}/status"


def all_of(prefix: str, station: str) -> str:
    """The filter for every alert of a station."""
    return f"{prefix}/{_level(station)}/+/+"


def topic(prefix: str, alert: Alert) -> str:
    """The topic of an alert: station, component, variable.

    Instance and EVSE are parts of the component's level: ``TemperatureSensor.rail``, ``EVSE.1``.
    """
    ref = alert.ref
    component = ".".join(str(part) for part in (ref.component, ref.component_instance, ref.evse, ref.connector) if part)
    variable = ".".join(part for part in (ref.variable, ref.variable_instance) if part)
    return "/".join((prefix, _level(alert.station), _level(component), _level(variable)))


def content(alert: Alert) -> bytes:
    """What is told of an alert that stands, as JSON in UTF-8."""
    ref = alert.ref
    told = {
        "station": alert.station,
        "component": ref.component,
        "instance": ref.component_instance,
        "evse": ref.evse,
        "variable": ref.variable,
        "kind": alert.kind.value,
        "severity": alert.severity,
        "value": alert.value,
        "message": alert.message,
        "since": timestamp(alert.since),
    }
    return json.dumps({key: value for key, value in told.items() if value is not None}, ensure_ascii=False).encode()


def _level(text: str) -> str:
    """One level of a topic: what means something in a topic, or is no letter of it, goes as in a URL."""
    return quote(text, safe="@:|=*,;() ", encoding="utf-8")
