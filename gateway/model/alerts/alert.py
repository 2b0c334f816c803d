"""Which alerts there are at a station at a moment, from its variables and its state. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.alerts.causes import variable_of
from gateway.model.alerts.latch import REST, Latch
from gateway.model.alerts.overload import overloads
from gateway.model.device.variable import VariableRef
from gateway.model.ids import Place
from gateway.model.installation import AlertKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from gateway.model.device.model import DeviceModel
    from gateway.model.evse import Alarm, Fault
    from gateway.model.installation import Alerting, Installation
    from gateway.model.station import StationState

FAULT_SEVERITY = 3
"""Critical: nobody can charge there."""

ALARM = "Alarm"
"""Variable by which an alarm goes that no variable of the device model tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert that stands.

    Attributes:
        station: Where.
        ref: What it is about.
        kind: What it is about, in one word.
        severity: 0 (danger) to 9 (debug).
        value: Of the variable, the last one that is an alert; "" where it must not be read, or cannot.
        message: For people, as the site file or the station has it; "" where ``kind`` says all.
        since: When it was raised.
    """

    station: str
    ref: VariableRef
    kind: AlertKind
    severity: int
    value: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands at a station; immutable.

    Attributes:
        latches: Of each alert of the site, by variable and severity.
        alerts: By variable; of several about one, the most severe.
    """

    latches: Mapping[tuple[str, int], Latch]
    alerts: Mapping[str, Alert]

    def looked(self, device: DeviceModel, state: StationState, installation: Installation, now: datetime) -> Standing:
        """What stands after a look.

        Args:
            device: The values now.
            state: Of the station now.
            installation: Has the alerts of the site file.
            now: The time.
        """
        known = tuple(_known(state, installation))
        latches = {_key(each): self._latch(each, device, now) for each in known}
        raised = [
            self._of_alert(each, latches[_key(each)], device, state.id, now)
            for each in known
            if latches[_key(each)].standing
        ]
        raised += _of_faults(state, now)
        raised += _of_alarms(state, {each.ref.component_key for each in raised}, now)
        alerts: dict[str, Alert] = {}
        for alert in sorted(raised, key=lambda each: each.severity):
            alerts.setdefault(alert.ref.key, self._since(alert))
        return Standing(latches=latches, alerts=alerts)

    @property
    def due(self) -> datetime | None:
        """When to look again although nothing changes; None: never."""
        return min((due for latch in self.latches.values() if (due := latch.due) is not None), default=None)

    def _latch(self, alerting: Alerting, device: DeviceModel, now: datetime) -> Latch:
        before = self.latches.get(_key(alerting), REST)
        if device.spec(alerting.ref) is None:
            return REST
        met = alerting.met(device.value(alerting.ref), standing=before.standing)
        return before if met is None else before.fed(met, now)

    def _of_alert(self, alerting: Alerting, latch: Latch, device: DeviceModel, station: str, now: datetime) -> Alert:
        spec, before = device.spec(alerting.ref), self.alerts.get(alerting.ref.key)
        value = device.value(alerting.ref) if spec is not None and spec.readable else ""
        if before is not None and (latch.quiet is not None or not value):
            value = before.value
        return Alert(
            station=station, ref=alerting.ref, kind=alerting.kind, severity=alerting.severity, value=value,
            message=alerting.message, since=now,
        )  # fmt: skip

    def _since(self, alert: Alert) -> Alert:
        before = self.alerts.get(alert.ref.key)
        if before is None or before.kind is not alert.kind:
            return alert
        return Alert(
            station=alert.station, ref=alert.ref, kind=alert.kind, severity=alert.severity, value=alert.value,
            message=alert.message, since=before.since,
        )  # fmt: skip


NOTHING = Standing(latches={}, alerts={})


def by_severity(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The most severe first, and of these the latest."""
    latest = sorted(alerts, key=lambda each: (each.since, each.ref.key), reverse=True)
    return tuple(sorted(latest, key=lambda each: each.severity))


def _key(alerting: Alerting) -> tuple[str, int]:
    return alerting.ref.key, alerting.severity


def _known(state: StationState, installation: Installation) -> Iterator[Alerting]:
    for _, over, danger in overloads(state, installation):
        yield from (over, danger)
    yield from installation.alerts


def _of_faults(state: StationState, now: datetime) -> Iterator[Alert]:
    """What the station itself reports, or that it is not reached."""
    for fault in state.faults:
        yield _of_fault(state.id, 0, fault, now)
    for connector in state.connectors:
        for fault in connector.faults:
            yield _of_fault(state.id, connector.evse, fault, now)


def _of_alarms(state: StationState, told: set[tuple[str, str, int, int]], now: datetime) -> Iterator[Alert]:
    """What a sensor keeps drivers away for, where no alert of the same component says so already."""
    alarms: dict[tuple[str, int], Alarm] = {
        (alarm.holder, alarm.evse): alarm for connector in state.connectors for alarm in connector.alarms
    }
    for alarm in alarms.values():
        name = alarm.fault.component if alarm.fault is not None else alarm.holder
        variable = alarm.fault.variable if alarm.fault is not None else ALARM
        ref = VariableRef(component=name, evse=alarm.evse or None, variable=variable)
        if not any(key[0] == ref.component_key[0] and key[2] == ref.component_key[2] for key in told):
            info = alarm.fault.info if alarm.fault is not None else ""
            yield Alert(
                station=state.id, ref=ref, kind=AlertKind.ALARM, severity=FAULT_SEVERITY, value="true",
                message=info or alarm.holder, since=now,
            )  # fmt: skip


def _of_fault(station: str, evse: int, fault: Fault, now: datetime) -> Alert:
    ref = variable_of(Place(station=station, evse=evse), fault)
    words = dict.fromkeys(part for part in (fault.code, fault.vendor_code, fault.info) if part)
    return Alert(
        station=station, ref=ref, kind=AlertKind.FAULT, severity=FAULT_SEVERITY, value="true",
        message=", ".join(words), since=now,
    )  # fmt: skip
