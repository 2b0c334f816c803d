"""Of an alert both directions are told: that it is raised, and that it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.alerts import OFTEN
from gateway.model.device import DataType, VariableRef
from gateway.model.installation import Alerting
from gateway.model.monitoring import FRESH, MonitorType, Origin, Seen, VariableMonitor, judge
from tests.gateway.model.monitoring.parts import START

REF = VariableRef(component="FloodSensor", variable="Active")


def told(
    alert: Alerting, values: list[str], type_: DataType = DataType.BOOLEAN, pace: float = 20.0
) -> list[tuple[str, bool]]:
    """Value and whether it is cleared of each event, the values coming one after the other."""
    monitor = VariableMonitor(
        id=1, ref=REF, type=MonitorType.DELTA, value=1, severity=2, origin=Origin.PRECONFIGURED, alert=alert
    )
    memory, found = FRESH, []
    for number, value in enumerate(values):
        seen = Seen(type=type_, value=value, now=START + timedelta(seconds=pace * number))
        memory, event = judge(monitor, memory, seen)
        if event is not None:
            found.append((event.value, event.cleared))
    return found


@pytest.mark.ocpp("N07.FR.19")
@pytest.mark.parametrize(
    ("alert", "raises", "ends"),
    [
        (Alerting(ref=REF, severity=2), "true", "false"),
        (Alerting(ref=REF, severity=2, equals="true"), "true", "false"),
        (Alerting(ref=REF, severity=2, equals="false"), "false", "true"),
        (Alerting(ref=REF, severity=2, unlike="true"), "false", "true"),
    ],
)
def test_a_boolean_is_raised_and_cleared(alert: Alerting, raises: str, ends: str) -> None:
    assert told(alert, [ends, ends, raises, raises, "", raises, ends, ends]) == [(raises, False), (ends, True)]


def test_what_stands_from_the_start_is_told_and_what_does_not_is_not() -> None:
    alert = Alerting(ref=REF, severity=2)
    assert told(alert, ["true"]) == [("true", False)]
    assert told(alert, ["false"]) == []
    assert told(alert, ["", "", "true"]) == [("true", False)]


@pytest.mark.ocpp("N07.FR.19")
def test_of_a_text_every_change_is_told_and_which_is_the_alert() -> None:
    alert = Alerting(ref=REF, severity=2, equals="OnBattery")
    words = ["OnLine", "Charging", "OnBattery", "OnLine"]
    assert told(alert, words, DataType.STRING) == [("Charging", True), ("OnBattery", False), ("OnLine", True)]


def test_of_a_number_only_beginning_and_end_are_told() -> None:
    alert = Alerting(ref=REF, severity=2, equals="3")
    assert told(alert, ["0", "2", "3", "7", "8"], DataType.INTEGER) == [("3", False), ("7", True)]


@pytest.mark.parametrize("type_", [DataType.BOOLEAN, DataType.STRING])
def test_what_toggles_all_the_time_is_told_a_few_times(type_: DataType) -> None:
    found = told(Alerting(ref=REF, severity=2), ["true", "false"] * 500, type_, pace=0.01)
    assert len(found) == 2 * OFTEN - 1
    assert found[-1] == ("true", False)


def test_after_a_restart_the_same_is_not_told_again_and_its_end_is() -> None:
    monitor = VariableMonitor(
        id=1, ref=REF, type=MonitorType.DELTA, value=1, severity=2, alert=Alerting(ref=REF, severity=2)
    )
    memory, raised = judge(monitor, FRESH, Seen(type=DataType.BOOLEAN, value="true", now=START))
    assert raised is not None
    again = replace(memory, base=None)
    memory, event = judge(monitor, again, Seen(type=DataType.BOOLEAN, value="true", now=START))
    assert event is None
    _, event = judge(monitor, again, Seen(type=DataType.BOOLEAN, value="false", now=START))
    assert event is not None
    assert event.cleared
