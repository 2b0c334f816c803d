"""The alerts of a station as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from gateway.model.installation import AlertKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from gateway.model.alerts import Alert
    from gateway.web.words import Reader

URGENT = 3
"""Up to this severity (critical) somebody has to come at once; up to the next, soon."""

SERIOUS = 5


def alerts(found: Sequence[Alert], reader: Reader, now: datetime) -> Iterator[str]:
    """A section of the alerts that stand, in the order that they come in; nothing where there are none."""
    if not found:
        return
    yield '<aside class="alerts">'
    yield f"<h2>{escape(reader.word('alerts'))}</h2>"
    yield "<ul>"
    for alert in found:
        yield from _alert(alert, reader, now)
    yield "</ul>"
    yield "</aside>"


def _alert(alert: Alert, reader: Reader, now: datetime) -> Iterator[str]:
    said = alert.message or reader.word(f"alert-{alert.kind.value}")
    value = f" = {alert.value}" if alert.value and alert.kind in {AlertKind.SENSOR, AlertKind.OVERLOAD} else ""
    since = f"{reader.word('since')} {reader.time(alert.since, now)}"
    severity = reader.word(f"severity-{alert.severity}")
    yield f'<li class="{_weight(alert.severity)}">'
    yield f"<b>{escape(severity)}</b> {escape(said)}"
    yield f"<small>{escape(alert.ref.label + value)}, {escape(since)}</small>"
    yield "</li>"


def _weight(severity: int) -> str:
    if severity <= URGENT:
        return "urgent"
    return "serious" if severity <= SERIOUS else "mild"
