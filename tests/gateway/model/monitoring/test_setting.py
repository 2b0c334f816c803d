"""Which monitors may be set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.device import DataType, DeviceModel, VariableRef, VariableSpec
from gateway.model.monitoring import Book, MonitorType, Origin, SetStatus, VariableMonitor, Wish, judged
from tests.gateway.model.monitoring.parts import CLOCK, DEVICE, SPEED, STATE

UPPER = MonitorType.UPPER_THRESHOLD
WISH = Wish(ref=SPEED, type=UPPER, value=500, severity=5)
HARD_WIRED = VariableMonitor(id=1, ref=SPEED, type=UPPER, value=900, severity=0, origin=Origin.HARD_WIRED)

TABLE = {
    DataType.STRING: "  d p a",
    DataType.DECIMAL: "u l d p a",
    DataType.INTEGER: "u l d p a",
    DataType.DATE_TIME: "d",
    DataType.BOOLEAN: "d p a",
    DataType.OPTION_LIST: "d p a",
    DataType.SEQUENCE_LIST: "d p a",
    DataType.MEMBER_LIST: "d p a",
}
LETTERS = dict(zip("uldpa", MonitorType, strict=True))


@pytest.mark.parametrize("type_", list(DataType))
def test_the_types_of_monitors_that_a_data_type_allows(type_: DataType) -> None:
    allowed = {LETTERS[letter] for letter in TABLE[type_].split()}
    device = DeviceModel.of([VariableSpec(ref=SPEED, type=type_)])
    found = {kind: judged(replace(WISH, type=kind), device, ()).status for kind in MonitorType}
    assert {kind for kind, status in found.items() if status is SetStatus.ACCEPTED} == allowed
    assert {status for kind, status in found.items() if kind not in allowed} <= {SetStatus.UNSUPPORTED_MONITOR_TYPE}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"severity": -1}, "ValueOutOfRange"),
        ({"severity": 10}, "ValueOutOfRange"),
        ({"value": 1001}, "ValueOutOfRange"),
        ({"value": -1}, "ValueOutOfRange"),
        ({"type": MonitorType.LOWER_THRESHOLD, "value": 1000.5}, "ValueOutOfRange"),
        ({"type": MonitorType.DELTA, "value": -0.1}, "ValueOutOfRange"),
        ({"type": MonitorType.DELTA, "value": -1, "ref": STATE}, "ValueOutOfRange"),
        ({"type": MonitorType.PERIODIC, "value": 0}, "ValueOutOfRange"),
        ({"type": MonitorType.PERIODIC_CLOCK_ALIGNED, "value": 1e12}, "ValueOutOfRange"),
        ({"id": 7}, "NotFound"),
        ({"id": 1}, "ReadOnly"),
        ({"id": 1, "ref": STATE}, "InvalidValue"),
    ],
)
def test_what_is_rejected_and_why(change: dict[str, Any], reason: str) -> None:
    verdict = judged(replace(WISH, **change), DEVICE, [HARD_WIRED])
    assert (verdict.status, verdict.reason) == (SetStatus.REJECTED, reason)


@pytest.mark.parametrize("value", [0, 1000])
def test_a_threshold_may_be_a_limit_of_the_variable(value: float) -> None:
    assert judged(replace(WISH, value=value), DEVICE, ()).status is SetStatus.ACCEPTED


def test_a_preconfigured_threshold_beyond_the_limits_may_stay_there() -> None:
    mine = replace(HARD_WIRED, origin=Origin.PRECONFIGURED, value=1100, severity=4)
    kept = replace(WISH, id=mine.id, type=mine.type, value=mine.value, severity=5)
    assert judged(kept, DEVICE, [mine]).status is SetStatus.ACCEPTED
    assert judged(replace(kept, value=1200), DEVICE, [mine]).reason == "ValueOutOfRange"


@pytest.mark.ocpp("N04.FR.16")
def test_a_monitor_never_moves_to_a_variable_that_is_not_there() -> None:
    nothing = VariableRef(component="Fan", variable="Temperature")
    verdict = judged(replace(WISH, id=HARD_WIRED.id, ref=nothing), DEVICE, [HARD_WIRED])
    assert (verdict.status, verdict.reason) == (SetStatus.REJECTED, "InvalidValue")


@pytest.mark.parametrize("type_", MonitorType)
def test_of_a_secret_only_changes_are_told(type_: MonitorType) -> None:
    device = DeviceModel.of([VariableSpec(ref=SPEED, type=DataType.STRING, secret=True)])
    told = judged(replace(WISH, type=type_, value=60), device, ()).status
    assert told is (SetStatus.ACCEPTED if type_ is MonitorType.DELTA else SetStatus.UNSUPPORTED_MONITOR_TYPE)


def test_a_variable_that_is_not_there() -> None:
    nobody = VariableRef(component="Heater", variable="FanSpeed")
    nothing = VariableRef(component="Fan", variable="Temperature")
    assert judged(replace(WISH, ref=nobody), DEVICE, ()).status is SetStatus.UNKNOWN_COMPONENT
    assert judged(replace(WISH, ref=nothing), DEVICE, ()).status is SetStatus.UNKNOWN_VARIABLE


WISHES = st.builds(
    Wish,
    ref=st.sampled_from([SPEED, STATE, CLOCK]),
    type=st.sampled_from(MonitorType),
    value=st.integers(-1, 1001),
    severity=st.integers(-1, 10),
    id=st.none() | st.integers(999, 1004),
)


@given(st.lists(WISHES))
def test_no_two_monitors_are_ever_the_same(wishes: list[Wish]) -> None:
    book = Book(built_in=(HARD_WIRED,))
    for wish in wishes:
        if judged(wish, DEVICE, book.monitors).status is SetStatus.ACCEPTED:
            book, monitor = book.with_wish(wish)
            assert monitor in book.monitors
    assert HARD_WIRED in book.monitors
    assert len({(m.ref, m.type, m.severity) for m in book.monitors}) == len(book.monitors)
    assert len({m.id for m in book.monitors}) == len(book.monitors)
