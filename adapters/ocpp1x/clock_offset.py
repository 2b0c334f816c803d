"""Find out that a station marks its local time as UTC, from messages that it sent the moment they happened.

Only whole quarters of an hour are corrected, because zones and daylight saving are such multiples. A clock that is
merely wrong is not a zone, and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_QUARTER = timedelta(minutes=15)
_SLACK = timedelta(minutes=5)
_SMALLEST = timedelta(minutes=10)
_LARGEST = timedelta(hours=15)
_AGREEING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockOffset:
    """What to add to a station's stamps, and the candidate that newer messages speak for."""

    offset: timedelta = timedelta(0)
    candidate: timedelta = timedelta(0)
    votes: int = 0


def observe(state: ClockOffset, stamped: datetime, received: datetime) -> ClockOffset:
    """Take one live message into account (never one that was queued while the link was down).

    Args:
        state: what is known so far.
        stamped: the station's own time, as it declares it.
        received: when the message arrived.

    Returns:
        The new state; its ``offset`` changes once three messages in a row agree.
    """
    candidate = _snap(received - stamped)
    if candidate is None:
        return ClockOffset(offset=state.offset)
    votes = state.votes + 1 if candidate == state.candidate and state.votes else 1
    offset = candidate if votes >= _AGREEING else state.offset
    return ClockOffset(offset=offset, candidate=candidate, votes=min(votes, _AGREEING))


def correct(state: ClockOffset, stamped: datetime) -> datetime:
    """Give the true time of a stamp; one at the very end of the calendar stays as it is."""
    try:
        return stamped + state.offset
    except OverflowError:
        return stamped


def _snap(skew: timedelta) -> timedelta | None:
    """The nearest multiple of 15 minutes if ``skew`` looks like a zone, zero if it is small, else None."""
    if abs(skew) <= _SMALLEST:
        return timedelta(0)
    nearest = round(skew / _QUARTER) * _QUARTER
    return nearest if abs(skew - nearest) <= _SLACK and abs(nearest) <= _LARGEST else None
