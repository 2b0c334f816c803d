"""The memory of load management: bounded, and right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.load.decision import Cause, Decision, Reason
from gateway.load.history import History, Ring
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.site import Evse, LoadSite, Node, Phases

SITE = LoadSite(
    name="house",
    nodes=(
        Node(id="house", parent="", limit=(63.0, 63.0, 63.0), rated=63.0, metered=True),
        Node(id="garage", parent="house", limit=(32.0, 32.0, 32.0), rated=32.0, base_failsafe=(2.0, 0.0, 0.0)),
    ),
    evses=(
        Evse(id="A/1", node="garage", maximum=16.0, phases=(1, 2, 0)),
        Evse(id="B/1", node="garage", maximum=16.0, phases=(1,), measured=False),
    ),
)
DECISION = Decision(
    setpoints={"A/1": 10.0, "B/1": 16.0}, reasons={"A/1": Reason(cause=Cause.CIRCUIT, node="garage", phase=1)}
)


def seen(t: float, house: Phases | None = (20.0, 30.0, 10.0), age: float = 1.0) -> Observation:
    return Observation(
        t=t,
        limits={"garage": (20.0, 20.0, 20.0)},
        meters={"house": None if house is None else MeterReading(t=t - age, i=house)},
        evses=(
            EvseSeen(id="A/1", plugged=True, session="a", i=(9.5, 9.5, 9.5), t_meas=t),
            EvseSeen(id="B/1", plugged=True, session="b", cap=12.0),
        ),
    )


def test_means_of_ten_seconds() -> None:
    ring = Ring()
    for t in range(100, 125):
        ring.add(t, (float(t), 2.0, 0.0))
    assert ring.last(20) == ((104.5, 2.0, 0.0), (114.5, 2.0, 0.0)), "the third is still made"


def test_what_is_not_known_is_a_gap() -> None:
    ring = Ring()
    for t, value in ((0, (1.0, 1.0, 1.0)), (11, None), (20, None), (25, (3.0, 3.0, 3.0)), (61, (4.0, 4.0, 4.0))):
        ring.add(t, value)
    assert ring.last(60) == ((1.0,) * 3, None, (3.0,) * 3, None, None, None)
    assert ring.last(70)[0] is None, "before the beginning"


@given(st.lists(st.floats(0, 400), max_size=60), st.integers(2, 9))
def test_a_ring_never_grows_and_holds_only_what_was_told(steps: list[float], count: int) -> None:
    ring, t = Ring(count=count), 0.0
    told: dict[int, list[float]] = {}
    for step in steps:
        t += step
        value = float(int(t) % 40)
        told.setdefault(int(t // 10), []).append(value)
        ring.add(t, (value, 0.0, value))
    last, newest = ring.last(1e9), int(t // 10)
    assert len(last) == count - 1
    for place, mean in enumerate(last, newest - count + 1):
        values = told.get(place)
        if not values:
            assert mean is None
        else:
            assert mean is not None
            assert mean[0] == mean[2] == pytest.approx(sum(values) / len(values), rel=1e-4)


def test_circuits_at_present() -> None:
    history = History(SITE)
    assert history.circuits() == ()
    history.look(seen(50.0), DECISION)
    house, garage = history.circuits()
    assert (house.load, house.limit, house.reduced, house.metered) == ((20, 30, 10), (63, 63, 63), False, True)
    assert garage.cars == house.cars == (9.5, 21.5, 9.5), "who tells nothing may draw what is allowed"
    assert (garage.load, garage.limit, garage.reduced) == ((11.5, 21.5, 9.5), (20, 20, 20), True)


@pytest.mark.parametrize("lost", [seen(50.0, None), seen(50.0, age=11.0)])
def test_a_lost_meter_shows_nothing(lost: Observation) -> None:
    history = History(SITE)
    history.look(lost, DECISION)
    assert history.circuits()[0].load is None
    history.look(seen(70.0), DECISION)
    assert history.past("house", 20.0) == (None, None)


def test_evses_at_present() -> None:
    history = History(SITE)
    history.look(seen(50.0), DECISION)
    first, second = history.evses()
    assert (first.id, first.setpoint, first.reason) == ("A/1", 10.0, DECISION.reasons["A/1"])
    assert second.reason is None
    assert history.path("A/1") == ("garage", "house")
    assert history.path("C/1") == ()
