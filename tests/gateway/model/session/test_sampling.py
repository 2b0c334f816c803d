"""When meter values are due, and what is in them (J)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.readings import ENERGY_REGISTER, POWER_IMPORT, Context, Reading, Sample
from gateway.model.session import Purpose, Sampling, Watch, chosen, due, kept

NOON = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
ENERGY = frozenset({ENERGY_REGISTER})
ALL = Sampling(
    started=ENERGY,
    updated=frozenset({ENERGY_REGISTER, POWER_IMPORT}),
    updated_interval=60,
    ended=ENERGY,
    aligned=ENERGY,
    aligned_interval=900,
)
VARIABLES = {
    "TxStartedMeasurands": ENERGY_REGISTER,
    "TxUpdatedMeasurands": f"{ENERGY_REGISTER}, {POWER_IMPORT}",
    "TxUpdatedInterval": "60",
    "TxEndedMeasurands": ENERGY_REGISTER,
    "TxEndedInterval": "0",
    "Measurands": ENERGY_REGISTER,
    "Interval": "900",
}


def points(sampling: Sampling, begun: datetime | None, seconds: int, start: datetime = NOON) -> list[tuple[int, str]]:
    """What is due in so many seconds, and when."""
    watch, found = Watch(checked=start, begun=begun), []
    for second in range(1, seconds + 1):
        watch, purposes = due(watch, sampling, start + timedelta(seconds=second))
        found += [(second, purpose.value) for purpose in sorted(purposes, key=lambda purpose: purpose.value)]
    return found


def test_the_variables_say_what_is_sampled() -> None:
    read = {"SampledDataCtrlr": "Tx", "AlignedDataCtrlr": ""}
    found = Sampling.of(
        lambda component, name: VARIABLES.get(name, "") if name.startswith(read[component]) and not (
            component == "AlignedDataCtrlr" and name.startswith("Tx")
        ) else ""
    )  # fmt: skip
    assert found == ALL


@pytest.mark.ocpp("J02.FR.11")
def test_periodic_values_come_at_every_interval_from_the_begin_on() -> None:
    begun = NOON - timedelta(seconds=30)
    assert points(replace(ALL, aligned_interval=0), begun, 200) == [(30, "updated"), (90, "updated"), (150, "updated")]


def test_there_are_none_without_a_transaction_an_interval_or_measurands() -> None:
    assert points(replace(ALL, aligned_interval=0), None, 200) == []
    assert points(Sampling(updated=ENERGY, aligned=ENERGY), NOON, 200) == []
    assert points(Sampling(updated_interval=60, aligned_interval=60), NOON, 200) == []


@pytest.mark.ocpp("J01.FR.14", "J01.FR.22")
@pytest.mark.parametrize("begun", [None, NOON])
def test_aligned_values_come_at_the_time_of_day(begun: datetime | None) -> None:
    start = NOON + timedelta(minutes=1)
    assert points(replace(ALL, updated_interval=0), begun, 2000, start) == [(840, "aligned"), (1740, "aligned")]


def test_an_interval_that_does_not_divide_the_day_begins_anew_at_midnight() -> None:
    start = datetime(2024, 5, 1, 23, 59, 30, tzinfo=UTC)
    assert points(replace(ALL, aligned_interval=7000), None, 60, start) == [(30, "aligned")]


def test_values_for_the_end_are_kept_during_the_transaction_only() -> None:
    sampling = Sampling(ended=ENERGY, ended_interval=100, aligned_ended=ENERGY, aligned_ended_interval=150)
    assert points(sampling, None, 300) == []
    assert points(sampling, NOON, 300) == [
        (100, "ended"), (150, "aligned-ended"), (200, "ended"), (300, "aligned-ended"), (300, "ended"),
    ]  # fmt: skip


def test_an_interval_that_changes_holds_from_its_next_point_on() -> None:
    watch = Watch(checked=NOON + timedelta(seconds=130), begun=NOON)
    for interval, at, expected in [(600, 140, set()), (60, 170, set()), (60, 180, {Purpose.UPDATED}), (30, 205, set())]:
        sampling = replace(ALL, aligned_interval=0, updated_interval=interval)
        watch, found = due(watch, sampling, NOON + timedelta(seconds=at))
        assert found == expected


def test_points_that_were_missed_are_made_up_for_by_one() -> None:
    watch, found = due(Watch(checked=NOON, begun=NOON), ALL, NOON + timedelta(hours=3))
    assert found == {Purpose.UPDATED, Purpose.ALIGNED}
    assert due(watch, ALL, NOON + timedelta(hours=3, seconds=1))[1] == frozenset()


@given(
    interval=st.integers(1, 90_000),
    gaps=st.lists(st.floats(0.1, 5000.0), min_size=1, max_size=40),
    aligned=st.booleans(),
)
def test_between_two_samples_lies_an_interval_more_or_less(interval: int, gaps: list[float], *, aligned: bool) -> None:
    sampling = Sampling(updated=ENERGY, updated_interval=interval)
    if aligned:
        sampling = Sampling(aligned=ENERGY, aligned_interval=interval)
    watch, now, last = Watch(checked=NOON, begun=NOON), NOON, NOON
    for gap in gaps:
        before, now = now, now + timedelta(seconds=gap)
        watch, found = due(watch, sampling, now)
        if found:
            last = now
        elif not aligned:
            assert (now - last).total_seconds() < interval + max(gaps)
        if (now - before).total_seconds() >= interval:
            assert found


CONTEXTS = [
    pytest.param(Purpose.BEGIN, Context.TRANSACTION_BEGIN, marks=pytest.mark.ocpp("E01.FR.09")),
    (Purpose.UPDATED, Context.SAMPLE_PERIODIC),
    (Purpose.ENDED, Context.SAMPLE_PERIODIC),
    pytest.param(Purpose.END, Context.TRANSACTION_END, marks=pytest.mark.ocpp("E06.FR.11")),
    (Purpose.ENDED_BEGIN, Context.TRANSACTION_BEGIN),
    (Purpose.ALIGNED, Context.SAMPLE_CLOCK),
]


@pytest.mark.parametrize(("purpose", "context"), CONTEXTS)
def test_what_is_asked_for_goes_into_a_sample_and_says_why(purpose: Purpose, context: Context) -> None:
    full = Sample(
        at=NOON,
        readings=(
            Reading(value=1200.0),
            *(Reading(value=2300.0, measurand=POWER_IMPORT, unit="W", phase=phase) for phase in ("L1", "L2", "L3")),
            Reading(value=50.0, measurand="Frequency", unit="Hertz"),
        ),
    )
    found = chosen(full, ALL, purpose)
    assert found is not None
    assert {reading.measurand for reading in found.readings} == ALL.measurands(purpose)
    assert {reading.context for reading in found.readings} == {context}
    assert len(found.readings) == (4 if purpose is Purpose.UPDATED else 1)
    assert found.at == NOON


def test_what_the_station_does_not_measure_is_left_out() -> None:
    full = Sample(at=NOON, readings=(Reading(value=1200.0),))
    assert chosen(full, Sampling(updated=frozenset({"SoC"})), Purpose.UPDATED) is None


@pytest.mark.ocpp(
    "E06.FR.12", "E06.FR.13", "E07.FR.09", "E07.FR.10", "E08.FR.10", "E08.FR.11", "E09.FR.06", "E09.FR.07",
    "E10.FR.05", "E10.FR.06", "E12.FR.08", "E12.FR.09", "E15.FR.02", "E15.FR.03", "F03.FR.05", "F03.FR.06",
    "F04.FR.05", "F04.FR.06", "J02.FR.20",
)  # fmt: skip
def test_of_too_many_samples_every_other_one_goes() -> None:
    samples: tuple[Sample, ...] = ()
    for number in range(5):
        samples = kept(samples, Sample(at=NOON + timedelta(seconds=number), readings=()), limit=5)
    samples = kept(samples, Sample(at=NOON + timedelta(seconds=5), readings=()), limit=5)
    assert [(sample.at - NOON).seconds for sample in samples] == [0, 2, 4, 5]
