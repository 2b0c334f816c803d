"""What a station under the rules reports of its transactions, and what is told of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import Change, TransactionChanged
from tests.fakes.clock import START
from tests.gateway.model.stations import ID, RFID, Station, place

if TYPE_CHECKING:
    from gateway.model.tokens import Token
    from gateway.model.transactions import StopCause

MINUTE = timedelta(minutes=1)
REFUSED = cmd.Outcome(verdict=cmd.Verdict.REJECTED)


def steps(changes: tuple[Change, ...]) -> list[TransactionChanged]:
    """The steps of transactions among changes."""
    return [change for change in changes if isinstance(change, TransactionChanged)]


def began(station: Station, at: datetime = START, *, key: str = "start", evse: int = 1, meter: float = 1000.0,
          token: Token = RFID) -> list[TransactionChanged]:  # fmt: skip
    """A transaction has begun, with the register at ``meter`` Wh."""
    return steps(station.report(ev.TransactionBegan(place=place(evse), at=at, token=token, meter_start=meter, key=key)))


def stop(station: Station, number: int | None, at: datetime = START, *, key: str = "stop", meter: float = 2000.0,
         token: Token | None = None, cause: StopCause | None = None) -> list[TransactionChanged]:  # fmt: skip
    """A transaction has ended (None: the one without a number), with the register at ``meter`` Wh."""
    event = ev.TransactionEnded(station=ID, at=at, number=number, meter_stop=meter, key=key, token=token, cause=cause)
    return steps(station.report(event))
