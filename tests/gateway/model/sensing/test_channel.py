"""A channel over time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.sensing import Channel, Contact, Hold, Judged, Loop, Manner, Quality, Scale

WARM = Manner(shape=Scale(low=-40, high=125, absent=frozenset({85.0})), stale_after=30, change=0.5)
DOOR = Manner(shape=Contact(), hold=Hold(on=0.1, off=0.1))


def test_small_steps_are_no_change_until_they_add_up() -> None:
    channel = Channel(manner=WARM).feed(20.0, 0)
    assert channel.feed(20.4, 1).now is channel.now
    assert channel.feed(20.4, 1).feed(20.6, 2).now == Judged(value=20.6)


def test_an_old_value_lapses_and_the_next_one_counts_at_once() -> None:
    channel = Channel(manner=WARM).feed(20.0, 100)
    assert channel.due == 130
    assert channel.at(129.9).now == Judged(value=20.0)
    stale = channel.at(130)
    assert stale.now.quality is Quality.STALE
    assert stale.due == float("inf")
    assert stale.feed(20.1, 131).now == Judged(value=20.1)


def test_a_value_that_does_not_change_does_not_lapse() -> None:
    channel = Channel(manner=WARM).feed(20.0, 100).feed(20.1, 120)
    assert channel.at(140).now == Judged(value=20.0)


def test_a_device_that_is_lost_has_no_value() -> None:
    assert Channel(manner=WARM).feed(20.0, 0).lose().now == Judged(value=None, quality=Quality.LOST)


def test_bad_values_are_forgiven_as_often_as_is_said() -> None:
    patient = Manner(shape=WARM.shape, forgives=2)
    channel = Channel(manner=patient).feed(20.0, 0).feed(85.0, 1).feed(85.0, 2)
    assert channel.now == Judged(value=20.0)
    assert channel.feed(85.0, 3).now.quality is Quality.IMPLAUSIBLE
    assert channel.feed(21.0, 3).feed(85.0, 4).now == Judged(value=21.0)


def test_a_broken_loop_is_known_at_once() -> None:
    channel = Channel(manner=Manner(shape=Loop(zero=0, full=100))).feed(12.0, 0)
    assert channel.feed(0.0, 1).now.quality is Quality.BROKEN


def test_a_contact_counts_when_it_has_lasted_also_if_nothing_more_is_sent() -> None:
    channel = Channel(manner=DOOR).feed(0.0, 0).feed(1.0, 1)
    assert channel.now == Judged(value=False)
    assert channel.at(channel.due).now == Judged(value=True)


@given(st.lists(st.tuples(st.one_of(st.booleans(), st.floats()), st.floats(0, 60)), max_size=40))
def test_a_value_is_there_only_while_it_is_good(sent: list[tuple[bool | float, float]]) -> None:
    for manner in (WARM, DOOR):
        channel, now = Channel(manner=manner), 0.0
        for raw, wait in sent:
            channel = channel.feed(raw, now)
            assert (channel.now.value is None) is (channel.now.quality is not Quality.GOOD)
            assert channel.due >= now
            now += wait
            channel = channel.at(now)
            assert channel.at(now) == channel
            assert channel.due > now
