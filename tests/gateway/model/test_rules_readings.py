"""Which transaction the readings of a station belong to, and what is told of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.model import events as ev
from gateway.model.changes import SamplesTaken, TransactionChanged
from gateway.model.readings import Context, Reading, Sample, Signature
from gateway.model.transactions import ChargingState, TriggerReason
from tests.fakes.clock import START
from tests.gateway.model.reports import MINUTE, began, steps
from tests.gateway.model.stations import ID, Station, clock_aligned, known_station, metered, place


class TestReadings:
    """Meter values within and outside transactions."""

    def test_each_sample_is_a_step_of_its_own(self) -> None:
        station = Station()
        began(station)
        samples = (metered(START, 1000.0), metered(START + MINUTE, 1100.0))
        told = steps(station.report(ev.Measured(place=place(), samples=samples, number=1000)))
        assert [step.seq_no for step in told] == [1, 2]
        assert [step.samples for step in told] == [(samples[0],), (samples[1],)]

    @pytest.mark.ocpp("E01.FR.20")
    def test_energy_that_flows_shows_the_state(self) -> None:
        station = Station()
        began(station)
        flowing = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1100.0),))))
        again = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1200.0),))))
        paused = steps(station.report(ev.Measured(place=place(), samples=(metered(START, 1200.0, power=0.0),))))
        assert [step.charging_state for step in (*flowing, *again, *paused)] == [
            ChargingState.CHARGING, None, ChargingState.EV_CONNECTED,
        ]  # fmt: skip
        assert [step.trigger for step in (*flowing, *again)] == [
            TriggerReason.CHARGING_STATE_CHANGED, TriggerReason.METER_VALUE_PERIODIC,
        ]  # fmt: skip

    @pytest.mark.ocpp("E02.FR.18", "E02.FR.19", "E03.FR.13", "E03.FR.14")
    def test_the_phases_in_use_are_told_with_the_begin_of_charging_and_when_they_change(self) -> None:
        station = Station()
        began(station)
        told = []
        for minute, (one, others) in enumerate(
            [(0.0, 0.0), (16.0, 16.0), (16.0, 16.0), (16.0, 0.1), (0.1, 0.1), (16.0, 0.1)]
        ):
            readings = [
                Reading(value=value, measurand="Current.Import", unit="A", phase=phase)
                for phase, value in (("L1", one), ("L2", others), ("L3", others))
            ]
            power = Reading(
                value=(one + 2 * others) * 230 if one > 1 else 0.0, measurand="Power.Active.Import", unit="W"
            )
            sample = Sample(at=START + minute * MINUTE, readings=(power, *readings))
            told += steps(station.report(ev.Measured(place=place(), samples=(sample,), number=1000)))
        assert [step.phases for step in told] == [None, 3, None, 1, None, None]

    def test_clock_aligned_ones_say_so(self) -> None:
        station = Station()
        began(station)
        (step,) = steps(station.report(ev.Measured(place=place(), samples=(clock_aligned(START, 1000.0),))))
        assert step.trigger is TriggerReason.METER_VALUE_CLOCK

    @pytest.mark.parametrize("number", [None, 0, -1, 4711])
    def test_without_a_usable_number_they_are_of_the_transaction_on_that_evse(self, number: int | None) -> None:
        station = Station()
        (start,) = began(station, evse=2)
        told = steps(station.report(ev.Measured(place=place(2), samples=(metered(START, 1100.0),), number=number)))
        assert [step.transaction.id for step in told] == [start.transaction.id]

    @pytest.mark.parametrize("evse", [0, 2])
    def test_of_another_place_they_are_outside(self, evse: int) -> None:
        station = Station()
        began(station, evse=1)
        samples = (metered(START + timedelta(days=2), 5.0),)
        (taken,) = station.report(ev.Measured(place=place(evse), samples=samples))
        assert isinstance(taken, SamplesTaken)
        assert taken.place.evse == evse
        assert taken.samples[0].at == START, "a time that cannot be is the box's"


def test_readings_that_come_again_are_told_once() -> None:
    station = Station()
    began(station)

    def told(key: str, at: datetime, energy: float) -> list[TransactionChanged]:
        return steps(station.report(ev.Measured(place=place(), samples=(metered(at, energy),), key=key)))

    assert len(told("first", START + MINUTE, 1500.0)) == 1
    assert told("first", START + MINUTE, 1500.0) == []
    (update,) = told("second", START + 2 * MINUTE, 1600.0)
    assert update.seq_no == 2


@pytest.mark.ocpp("J02.FR.22", "J01.FR.03", "J01.FR.04")
@pytest.mark.parametrize(
    ("evse", "number", "of_transaction"), [(1, 0, True), (1, 1, True), (2, 1, False), (0, 1, False)]
)
def test_readings_of_another_evse_or_of_the_main_meter_are_of_no_transaction(
    evse: int, number: int, *, of_transaction: bool
) -> None:
    station = Station()
    (start,) = began(station, evse=1)
    named = start.transaction.number if number else None
    event = ev.Measured(place=place(evse), samples=(metered(START + MINUTE, 1500.0),), number=named)
    changes = station.report(event)
    assert bool(steps(changes)) is of_transaction
    assert [c.place.evse for c in changes if isinstance(c, SamplesTaken)] == ([] if of_transaction else [evse])


def test_the_main_meter_of_a_station_with_one_evse_is_that_of_its_transaction() -> None:
    station = Station(state=known_station(1))
    (start,) = began(station)
    event = ev.Measured(place=place(0), samples=(metered(START + MINUTE, 1500.0),), number=start.transaction.number)
    assert len(steps(station.report(event))) == 1


def test_a_signed_reading_of_the_end_is_not_told_twice() -> None:
    station = Station()
    began(station, meter=1000.0)
    signature = Signature(data="AAAA", method="", encoding="OCMF", public_key="S0VZ")
    end = Sample(
        at=START + MINUTE, readings=(Reading(value=1500.0, context=Context.TRANSACTION_END, signed=signature),)
    )
    event = ev.TransactionEnded(station=ID, at=START + MINUTE, number=None, meter_stop=1500.0, key="s", samples=(end,))
    (stopped,) = steps(station.report(event))
    assert [s.readings[0].context for s in stopped.samples] == [Context.TRANSACTION_BEGIN, Context.TRANSACTION_END]
    assert stopped.samples[-1] == end


def test_what_the_station_tells_of_begin_and_end_is_not_told_twice() -> None:
    station = Station()
    began(station, meter=1000.0)
    begin, end = (
        Sample(at=at, readings=(Reading(value=value, context=context), Reading(value=16.0, measurand="Current.Import")))
        for at, value, context in (
            (START, 1000.0, Context.TRANSACTION_BEGIN), (START + MINUTE, 1500.0, Context.TRANSACTION_END),
        )
    )  # fmt: skip
    event = ev.TransactionEnded(
        station=ID, at=START + MINUTE, number=None, meter_stop=1500.0, key="stop", samples=(begin, end)
    )
    (stopped,) = steps(station.report(event))
    assert stopped.samples == (begin, end)
    assert stopped.transaction.energy == 500.0
