"""Who stands in front of the stations: which language they speak, and what a master pass lets them choose."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.rules.commands import master_stops

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from gateway.fleet import Fleet
    from gateway.model.commands import Command, Outcome
    from gateway.model.ids import Place
    from gateway.model.tokens import Token

GREETING = timedelta(minutes=1)
"""How long a driver who has presented a token is addressed in the token's language, if nothing comes of it."""

CHOICE = timedelta(minutes=1)
"""How long who has presented a master pass can choose what it stops."""


class Visitors:
    """For the box's page; nothing of it outlives the box.

    Args:
        fleet: The stations, with what was last said of each token.
        now: The time.
        execute: Carries a command out.
    """

    def __init__(
        self, fleet: Fleet, now: Callable[[], datetime], execute: Callable[[Command], Awaitable[Outcome]]
    ) -> None:
        self._fleet = fleet
        self._now = now
        self._execute = execute
        self._presented: dict[tuple[str, int], tuple[datetime, Token]] = {}
        self._choosing: dict[str, datetime] = {}

    def presented(self, place: Place, token: Token) -> None:
        """A token has been presented; evse 0: nobody knows where."""
        self._presented[place.station, place.evse] = (self._now(), token)

    def languages(self, station: str, evse: int) -> tuple[str, ...]:
        """The languages of who charges at an EVSE, or has just presented a token there; the better one first."""
        member = self._fleet.member(station)
        running = member.state.transaction_at(evse)
        token = running.token if running is not None else self._latest(station, evse)
        word = member.last_word.get(token.key) if token is not None else None
        return word.languages if word is not None else ()

    def _latest(self, station: str, evse: int) -> Token | None:
        """Where a station does not tell where its reader is, it may be at any of its free EVSEs."""
        found = [self._presented[at] for at in ((station, evse), (station, 0)) if at in self._presented]
        return next((token for at, token in found if self._now() - at < GREETING), None)

    def offer_stops(self, station: str) -> None:
        """A master pass has been presented: what it stops is chosen on the page."""
        self._choosing[station] = self._now() + CHOICE

    def choices(self, station: str) -> tuple[int, ...]:
        """The EVSEs that a master pass that was just presented can stop."""
        until = self._choosing.get(station)
        if until is None or self._now() >= until:
            return ()
        return tuple(sorted({each.evse for each in self._fleet.member(station).state.transactions}))

    async def stop(self, station: str, evse: int) -> None:
        """Stop what runs on an EVSE (0: on all of them) by a master pass."""
        for command in master_stops(self._fleet.member(station).state, evse):
            await self._execute(command)
