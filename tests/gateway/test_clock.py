"""The box's clock follows the backend's, but not into times that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.clock import Clock

NEAR = timedelta(seconds=1)


@pytest.mark.ocpp("B01.FR.06")
@pytest.mark.parametrize("by", [timedelta(days=-1000), timedelta(seconds=-3), timedelta(hours=1), timedelta(days=9000)])
def test_it_follows_the_backend_both_ways(by: timedelta) -> None:
    clock = Clock()
    wanted = datetime.now(UTC) + by
    clock.synchronise(wanted)
    assert abs(clock.now() - wanted) < NEAR


def test_what_the_network_takes_is_no_difference() -> None:
    clock = Clock()
    before = clock.now()
    clock.synchronise(before + timedelta(seconds=1.9))
    assert clock.now() - before < NEAR


@pytest.mark.parametrize(
    "time",
    [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+14:00",
        "1970-01-01T00:00:00+00:00",
        "2100-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59.999999-14:00",
    ],
)
def test_a_time_that_cannot_be_is_not_taken_and_told_once(time: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    for _ in range(3):
        clock.synchronise(datetime.fromisoformat(time))
    assert abs(clock.now() - datetime.now(UTC)) < NEAR
    assert len(caplog.records) == 1
    clock.synchronise(datetime.now(UTC) + timedelta(hours=1))
    assert clock.now() - datetime.now(UTC) > timedelta(minutes=59)
