"""What the box has logged, station by station."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model.ids import Place
from profiles.diagnostics.journal import RECORDS, TEXT_LENGTH, Journal
from tests.fakes.clock import START, SettableClock

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger("adapters.test")


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def journal(clock: SettableClock) -> Iterator[Journal]:
    made = Journal(lambda: ("A", "B"), clock.now)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    with made.listening():
        yield made
    logger.setLevel(level)
    logger.warning("too late")
    assert "too late" not in texts(made, "A")


def texts(journal: Journal, station: str) -> list[str]:
    """What is kept of a station."""
    return [entry.text for entry in journal.entries(station)]


def test_a_station_has_its_own_records_and_those_of_no_station(journal: Journal) -> None:
    logger.info("%s: lost", "A")
    logger.info("%s: found", Place(station="B", evse=1))
    logger.info("the clock was set")
    logger.debug("%s: bytes", "A")
    assert texts(journal, "A") == ["A: lost", "the clock was set"]
    assert texts(journal, "B") == ["B EVSE 1: found", "the clock was set"]


def test_only_the_last_records_are_kept_and_none_is_long(journal: Journal) -> None:
    for number in range(RECORDS + 10):
        logger.info("%s: %d %s", "A", number, "x" * 1000)
    kept = texts(journal, "A")
    assert len(kept) == RECORDS
    assert kept[0].startswith("A: 10 ")
    assert max(map(len, kept)) == TEXT_LENGTH


def test_a_time_can_be_asked_for(journal: Journal, clock: SettableClock) -> None:
    for hour in range(4):
        clock.time = START + timedelta(hours=hour)
        logger.info("%s: %d", "A", hour)
    found = journal.entries("A", START + timedelta(hours=1), START + timedelta(hours=2))
    assert [entry.text for entry in found] == ["A: 1", "A: 2"]


def test_a_failure_is_kept_with_its_reason(journal: Journal) -> None:
    try:
        int("x")
    except ValueError:
        logger.exception("%s failed", "poller")
    assert texts(journal, "A") == ["poller failed: ValueError: invalid literal for int() with base 10: 'x'"]
