"""Contacts that bounce, chatter, or are held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.sensing import Hold, Settled
from gateway.model.sensing.settle import RESTLESS

HOLD = Hold(on=0.02, off=0.5)
EDGES = st.lists(st.tuples(st.booleans(), st.floats(0.0001, 2.0)), max_size=60)


def fed(hold: Hold, *edges: tuple[bool, float]) -> Settled:
    """A contact after states that lasted so long, at the end of the last one."""
    contact, now = Settled(hold=hold), 0.0
    for active, lasts in edges:
        contact = contact.feed(active=active, at=now)
        now += lasts
    return contact.at(now)


def test_rest_counts_at_the_first_look_and_a_closed_contact_after_its_time() -> None:
    assert fed(HOLD, (False, 0.0)).active is False
    assert fed(HOLD, (True, 0.019)).active is None
    assert fed(HOLD, (True, 0.021)).active is True


def test_a_bounce_of_the_contact_makes_one_change() -> None:
    closing = [(True, 0.002), (False, 0.001)] * 3
    assert fed(HOLD, (False, 1.0), *closing).active is False
    assert fed(HOLD, (False, 1.0), *closing, (True, 0.03)).active is True


def test_a_short_opening_does_not_count() -> None:
    assert fed(HOLD, (True, 1.0), (False, 0.4), (True, 0.1)).active is True
    assert fed(HOLD, (True, 1.0), (False, 0.6)).active is False


def test_a_contact_that_chatters_at_100_hz_becomes_active_and_stays_so() -> None:
    contact, now, changes = Settled(hold=HOLD).feed(active=False, at=0.0), 0.0, 0
    for beat in range(1000):
        before = contact.active
        now += 0.005
        contact = contact.feed(active=beat % 2 == 0, at=now)
        changes += contact.active is not before
    assert contact.active is True
    assert changes == 1


def test_without_times_every_edge_counts() -> None:
    at_once = Hold(on=0.0, off=0.0)
    assert fed(at_once, (False, 0.0), (True, 0.0)).active is True
    assert fed(at_once, (True, 0.0), (False, 0.0)).active is False


@given(EDGES)
def test_what_lasts_long_enough_counts_whatever_was_before(edges: list[tuple[bool, float]]) -> None:
    assert fed(HOLD, *edges, (True, HOLD.on * 1.001)).active is True
    assert fed(HOLD, *edges, (False, RESTLESS * 1.001)).active is False


def test_a_contact_that_comes_and_goes_stays_active_until_it_is_quiet() -> None:
    blinking = [(True, 1.0), (False, 1.0)] * 20
    contact, changes = Settled(hold=HOLD), 0
    now = 0.0
    for active, lasts in blinking:
        before = contact.active
        contact = contact.feed(active=active, at=now)
        now += lasts
        contact = contact.at(now)
        changes += contact.active is not before
    assert (contact.active, changes) == (True, 9)
    assert contact.at(now + 57).active is True
    assert contact.at(now + 60).active is False


def test_a_door_that_is_used_now_and_then_is_told_each_time() -> None:
    assert fed(HOLD, *[(True, 10.0), (False, 10.0)] * 20).active is False


@given(EDGES, st.lists(st.floats(0, 3), max_size=10))
def test_looking_in_between_changes_nothing(edges: list[tuple[bool, float]], looks: list[float]) -> None:
    contact, looked, now = Settled(hold=HOLD), Settled(hold=HOLD), 0.0
    for active, lasts in edges:
        contact, looked = contact.feed(active=active, at=now), looked.feed(active=active, at=now)
        for look in sorted(looks):
            if look < lasts:
                looked = looked.at(now + look)
        now += lasts
    assert looked.at(now).active is contact.at(now).active


@given(EDGES)
def test_when_it_is_due_it_changes(edges: list[tuple[bool, float]]) -> None:
    contact = fed(HOLD, *edges)
    if contact.due < float("inf"):
        assert contact.at(contact.due).active is contact.seen
