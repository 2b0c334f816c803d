"""The monitors of a station over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.alerts import Latch
from gateway.model.monitoring import Book, Finding, Memory, MonitoringBase, MonitorType, Origin, VariableMonitor, Wish
from tests.gateway.model.monitoring.parts import BUSY, CLOCK, DEVICE, IDLE, SPEED, START, STATE

if TYPE_CHECKING:
    from gateway.model.device import DeviceModel
    from gateway.model.station import StationState

UPPER, DELTA, PERIODIC = MonitorType.UPPER_THRESHOLD, MonitorType.DELTA, MonitorType.PERIODIC
BUILT_IN = (
    VariableMonitor(id=1, ref=SPEED, type=UPPER, value=900, severity=1, origin=Origin.HARD_WIRED),
    VariableMonitor(id=2, ref=SPEED, type=UPPER, value=800, severity=4, origin=Origin.PRECONFIGURED),
)
WISH = Wish(ref=SPEED, type=UPPER, value=500, severity=5)


def running_at(speed: int, device: DeviceModel = DEVICE) -> DeviceModel:
    """The model while the fan runs at this speed."""
    return device.with_value(SPEED, str(speed))


def look(book: Book, device: DeviceModel = DEVICE, state: StationState = IDLE, *, held: bool = False,
         seconds: float = 0) -> tuple[Book, list[Finding]]:  # fmt: skip
    """Look at everything some time after the start."""
    return book.looked(device, state, START + timedelta(seconds=seconds), lambda _: held)


def ids(book: Book) -> list[int]:
    return [monitor.id for monitor in book.monitors]


def test_a_base_takes_away_what_the_backend_has_set_and_brings_back_what_it_had_changed() -> None:
    book, _ = Book(built_in=BUILT_IN).with_wish(replace(WISH, id=2, value=700, severity=4))
    book, own = book.with_wish(WISH)
    assert (ids(book), book.monitors[1].origin) == ([1, 2, own.id], Origin.CUSTOM)
    assert book.based_on(MonitoringBase.ALL).monitors == book.monitors
    assert book.based_on(MonitoringBase.FACTORY_DEFAULT).monitors == BUILT_IN
    assert book.based_on(MonitoringBase.HARD_WIRED_ONLY).monitors == BUILT_IN[:1]


def test_a_preconfigured_monitor_that_was_cleared_comes_back_with_the_base() -> None:
    book = Book(built_in=BUILT_IN).without(2)
    assert ids(book) == [1]
    assert ids(book.based_on(MonitoringBase.ALL)) == [1, 2]
    replaced, _ = Book(built_in=BUILT_IN).with_wish(replace(WISH, id=2))
    assert ids(replaced.without(2)) == [1]


def test_an_id_is_not_given_out_again() -> None:
    book, first = Book().with_wish(WISH)
    _, second = book.without(first.id).with_wish(WISH)
    assert first.id != second.id


def test_a_threshold_that_is_moved_goes_on_from_where_it_was() -> None:
    book, own = Book().with_wish(WISH)
    book, found = look(book, running_at(600))
    assert [event.cleared for event in found] == [False]
    higher, _ = book.with_wish(replace(WISH, id=own.id, value=700))
    assert [event.cleared for event in look(higher, running_at(600))[1]] == [True]
    lower, _ = book.with_wish(replace(WISH, id=own.id, value=400))
    assert look(lower, running_at(600))[1] == []


def test_a_monitor_that_has_become_another_one_starts_anew() -> None:
    book, own = Book().with_wish(WISH)
    book, _ = look(book, running_at(600))
    other, _ = book.with_wish(replace(WISH, id=own.id, type=DELTA))
    assert look(other, running_at(600))[1] == []


def test_what_is_held_back_is_told_afterwards_if_it_is_still_so() -> None:
    book, _ = Book().with_wish(WISH)
    book, _ = book.with_wish(Wish(ref=STATE, type=DELTA, value=1, severity=8))
    book, _ = look(book)
    occupied = running_at(600, DEVICE.with_value(STATE, "Occupied"))
    book, found = look(book, occupied, held=True)
    assert found == []
    assert look(book)[1] == []
    assert [event.value for event in look(book, occupied)[1]] == ["600", "Occupied"]


def test_a_period_that_was_held_back_is_not_made_up_for() -> None:
    book, _ = Book().with_wish(replace(WISH, type=PERIODIC, value=10))
    book, _ = look(book)
    book, found = look(book, held=True, seconds=10)
    assert found == []
    book, found = look(book, seconds=19)
    assert found == []
    assert len(look(book, seconds=20)[1]) == 1


def test_a_monitor_of_transactions_sleeps_without_one_and_names_it() -> None:
    book, _ = Book().with_wish(replace(WISH, ref=SPEED, transaction=True))
    book, found = look(book, running_at(600))
    assert found == []
    book, found = look(book, running_at(600), BUSY)
    assert [event.transaction for event in found] == ["T"]
    book, found = look(book, running_at(100))
    assert found == []
    assert len(look(book, running_at(600), BUSY)[1]) == 1


def test_a_monitor_of_another_evse_is_not_of_the_transaction() -> None:
    elsewhere = replace(BUSY, transactions=(replace(BUSY.transactions[0], evse=2),))
    book, _ = Book().with_wish(Wish(ref=STATE, type=DELTA, value=1, severity=8, transaction=True))
    book, _ = look(book, state=elsewhere)
    assert look(book, DEVICE.with_value(STATE, "Occupied"), elsewhere)[1] == []


def test_an_event_of_no_transaction_names_none() -> None:
    book, _ = Book().with_wish(WISH)
    assert [event.transaction for event in look(book, running_at(600), BUSY)[1]] == [None]


def test_a_variable_that_is_gone_makes_no_events() -> None:
    book, _ = Book(memories={1000: Memory(latch=Latch(standing=True))}).with_wish(WISH)
    nothing = type(DEVICE).of(())
    assert look(book, nothing)[1] == []


def test_after_a_restart_a_difference_is_counted_from_then() -> None:
    book, _ = Book().with_wish(replace(WISH, type=DELTA, value=10))
    book, _ = look(book, running_at(100))
    book, _ = look(book, running_at(108))
    book, found = look(book.rebased(), running_at(108))
    assert found == []
    assert look(book, running_at(112))[1] == []


def test_nothing_to_wait_for_is_waited_for() -> None:
    book, _ = Book(built_in=BUILT_IN).with_wish(WISH)
    now = DEVICE.at(IDLE, START)
    assert look(book)[0].due(now) is None
    periodic, _ = book.with_wish(replace(WISH, type=PERIODIC, value=10))
    assert look(periodic)[0].due(now) == START + timedelta(seconds=10)
    clock, _ = book.with_wish(Wish(ref=CLOCK, type=DELTA, value=60, severity=8))
    assert look(clock)[0].due(now) == START + timedelta(seconds=1)
