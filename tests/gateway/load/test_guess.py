"""What the meter of a circuit shows of a car that nobody measures, when its setpoint changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.load.guess import Guess, Rest
from gateway.load.site import Evse

if TYPE_CHECKING:
    from gateway.load.site import Phases

WIRED = (1, 2, 0)
"""The EVSE's L1 is the supply's L2."""


class Meter:
    """What a meter shows beside the measured cars, second by second."""

    def __init__(self) -> None:
        self.guess = Guess(evse=Evse(id="A", node="main", maximum=32.0, phases=WIRED, measured=False))
        self.rest, self.t, self.setpoint = Rest(), 0.0, 0.0
        self.shows((0.0, 0.0, 0.0), 20)

    def shows(self, i: Phases, seconds: int) -> None:
        for _ in range(seconds):
            self.t += 1.0
            self.rest.add(self.t, i)
            self.guess.look(self.t, self.rest)

    def told(self, amps: float) -> None:
        self.guess.change(self.setpoint, amps, self.t, self.rest)
        self.setpoint = amps


@pytest.mark.parametrize(
    ("flows", "used"),
    [((0.0, 10.0, 0.0), (1,)), ((0.0, 10.0, 10.0), (1, 2)), ((10.0, 10.0, 10.0), WIRED)],
    ids=["one phase", "two", "three"],
)
def test_a_car_that_begins_and_stops_shows_its_phases(flows: Phases, used: tuple[int, ...]) -> None:
    meter = Meter()
    for _ in range(2):
        meter.told(10.0)
        meter.shows(flows, 60)
        meter.told(0.0)
        meter.shows((0.0, 0.0, 0.0), 60)
    assert meter.guess.used == used


def test_a_car_that_takes_nothing_of_what_it_is_offered_again_and_again_sleeps() -> None:
    meter = Meter()
    for _ in range(12):
        meter.told(16.0 - meter.setpoint)
        meter.shows((0.0, 0.0, 0.0), 60)
    assert meter.guess.used == ()


def test_even_or_asleep_is_taken_for_even_while_other_loads_hide_it() -> None:
    meter = Meter()
    for flows in ((5.0, 5.0, 5.0), (0.0, 0.0, 0.0)) * 2:
        meter.told(10.0 - meter.setpoint)
        meter.shows(flows, 60)
    assert meter.guess.used == WIRED


def test_a_car_whose_phase_is_hidden_once_by_another_load_is_not_taken_to_load_all_alike() -> None:
    meter = Meter()
    meter.shows((0.0, 10.0, 0.0), 60)  # the other load
    meter.told(10.0)
    meter.shows((0.0, 10.0, 0.0), 60)  # it ends as the car begins over the same phase
    assert meter.guess.used is None
    for flows in ((0.0, 0.0, 0.0), (0.0, 10.0, 0.0)) * 2:
        meter.told(10.0 - meter.setpoint)
        meter.shows(flows, 60)
    assert meter.guess.used == (1,)


def test_while_another_changes_nothing_is_learnt() -> None:
    meter = Meter()
    for flows in ((0.0, 10.0, 0.0), (0.0, 0.0, 0.0)) * 3:
        meter.told(10.0 - meter.setpoint)
        meter.guess.spoil()
        meter.shows(flows, 60)
    assert meter.guess.used is None


def test_another_car_is_another_guess() -> None:
    meter = Meter()
    for flows in ((0.0, 10.0, 0.0), (0.0, 0.0, 0.0)) * 2:
        meter.told(10.0 - meter.setpoint)
        meter.shows(flows, 60)
    assert meter.guess.used == (1,)
    meter.guess.forget()
    assert meter.guess.used is None
