"""Times as stations write them, and clocks that run in another zone than they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.clock_offset import ClockOffset, correct, observe
from adapters.ocpp1x.timestamps import format_timestamp, has_zone, parse_timestamp

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")
OFFSETS = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1))  # noqa: DTZ001 - the zone is drawn apart


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01T12:00:00Z", NOON),
        ("2024-05-01T12:00:00z", NOON),
        ("2024-05-01T14:00:00+02:00", NOON),
        ("2024-05-01T14:00:00+0200", NOON),
        ("2024-05-01T14:00:00.000+02", NOON),
        ("2024-05-01T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2024-05-01T12:00:00,5Z", NOON.replace(microsecond=500000)),
        ("2024-05-01T12:00:00Z[Etc/UTC]", NOON),
        ("2024-05-01 12:00:00 UTC", NOON),
        ("  2024-05-01T12:00:00Z  junk", NOON),
        ("2024-05-01T12:00Z", NOON),
        ("2024-05-01T14:00:00", NOON),
        ("2024-04-30T24:00:00Z", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2024-05-01", datetime(2024, 4, 30, 22, tzinfo=UTC)),
        ("2024-13-01T12:00:00Z", None),
        ("2024-05-01T25:00:00Z", None),
        ("2024-05-01T12:00:00+99:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1714564800", None),
        ("", None),
    ],
)
def test_parse(text: str, moment: datetime | None) -> None:
    assert parse_timestamp(text, VIENNA) == moment


@given(TIMES, OFFSETS)
def test_what_a_standard_clock_writes_is_read_exactly(time: datetime, zone: timezone) -> None:
    stamped = time.replace(tzinfo=zone)
    text = stamped.isoformat()
    assert parse_timestamp(text) == stamped
    assert has_zone(text)


@given(st.text())
def test_any_text_gives_a_utc_time_or_none(text: str) -> None:
    moment = parse_timestamp(text)
    assert moment is None or moment.tzinfo is UTC


@given(st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d{0,12})?(Z|[+-]\d\d(:?\d\d)?)?.{0,5}"))
def test_nearly_a_time_gives_a_utc_time_or_none(text: str) -> None:
    moment = parse_timestamp(text, VIENNA)
    assert moment is None or moment.tzinfo is UTC


@given(TIMES, OFFSETS)
def test_what_we_write_is_read_back_to_the_millisecond(time: datetime, zone: timezone) -> None:
    stamped = time.replace(tzinfo=zone)
    text = format_timestamp(stamped)
    assert text.endswith("Z")
    assert timedelta(0) <= stamped - (parse_timestamp(text) or NOON) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "zoned"), [("2024-05-01T12:00:00", False), ("2024-05-01T12:00:00-00:30", True), ("x", False)]
)
def test_has_zone(text: str, *, zoned: bool) -> None:
    assert has_zone(text) is zoned


def _after(skews: list[timedelta]) -> ClockOffset:
    state = ClockOffset()
    for number, skew in enumerate(skews):
        received = NOON + timedelta(minutes=number)
        state = observe(state, received - skew, received)
    return state


@given(
    st.integers(min_value=-56, max_value=56).filter(bool).map(lambda quarters: quarters * timedelta(minutes=15)),
    st.lists(st.integers(min_value=-240, max_value=240), min_size=3, max_size=8),
)
def test_a_zone_is_found_from_three_messages_that_agree(zone: timedelta, jitter: list[int]) -> None:
    state = _after([zone + timedelta(seconds=seconds) for seconds in jitter])
    assert correct(state, NOON) == NOON + zone


@given(st.lists(st.integers(min_value=-600, max_value=600), max_size=20))
def test_a_clock_that_is_only_a_little_wrong_is_left_alone(seconds: list[int]) -> None:
    state = _after([timedelta(seconds=value) for value in seconds])
    assert correct(state, NOON) == NOON


def test_two_messages_are_not_enough_and_a_stray_one_starts_again() -> None:
    hour = timedelta(hours=-1)
    assert _after([hour, hour]).offset == timedelta(0)
    assert _after([hour, hour, timedelta(0), hour, hour]).offset == timedelta(0)
    assert _after([hour, hour, timedelta(minutes=22, seconds=30), hour, hour]).offset == timedelta(0)
    assert _after([hour] * 3).offset == hour


def test_daylight_saving_moves_the_offset_and_a_repaired_clock_ends_it() -> None:
    hour, two = timedelta(hours=-1), timedelta(hours=-2)
    assert _after([hour] * 3 + [two] * 3).offset == two
    assert _after([hour] * 3 + [timedelta(0)] * 3).offset == timedelta(0)


def test_a_clock_at_the_epoch_is_no_zone() -> None:
    assert _after([NOON - datetime(1970, 1, 1, tzinfo=UTC)] * 5).offset == timedelta(0)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_any_two_times_can_be_observed(stamped: datetime, received: datetime) -> None:
    state = ClockOffset()
    for _ in range(4):
        state = observe(state, stamped, received)
    assert abs(correct(state, stamped) - received) <= abs(stamped - received)
