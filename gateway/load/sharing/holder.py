"""What a box may use: its grant while it holds, then its share. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.sharing.messages import NO_TERM
from gateway.load.sharing.rules import NOTHING, lowest

if TYPE_CHECKING:
    from gateway.load.sharing.messages import Grant, Term
    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

REMEMBERED = 64
"""Reports that a grant may still answer."""


class Holder:
    """The grant of one box. Times are seconds of its own clock, which never goes back."""

    def __init__(self, rules: Rules, box: str, boot: str, now: float) -> None:
        """Begin without a grant: what an earlier run has lent to others has first to come back."""
        self.follows: Term = NO_TERM
        self._rules, self._box, self._boot = rules, box, boot
        self._sent: dict[int, float] = {}
        self._order = (NO_TERM, 0)
        self._current: Phases = NOTHING
        self._until, self._keep = now, now + rules.keep

    @property
    def number(self) -> int:
        """Of the grant from the leadership that it follows; 0: it has none from there."""
        term, number = self._order
        return number if term == self.follows else 0

    def sent(self, report: int, now: float) -> None:
        """A report goes out; to be called before it does."""
        self._sent[report] = now
        if len(self._sent) > REMEMBERED:
            del self._sent[min(self._sent)]

    def follow(self, term: Term) -> None:
        """Somebody leads; nobody before counts any more."""
        self.follows = max(self.follows, term)

    def take(self, grant: Grant) -> bool:
        """Take a grant, if it is for this run of this box, and newer than what it has."""
        since = self._sent.get(grant.report)
        order = (grant.term, grant.number)
        mine = (grant.box, grant.boot) == (self._box, self._boot)
        if not mine or since is None or grant.term < self.follows or order <= self._order:
            return False
        self.follow(grant.term)
        self._order, self._current = order, grant.current
        self._until, self._keep = since + grant.life, since + grant.keep
        return True

    def granted(self, now: float) -> bool:
        """Whether its grant holds."""
        return now < self._until

    def limit(self, now: float) -> Phases:
        """A per phase that it may use."""
        share = self._rules.shares[self._box]
        if now < self._until:
            return self._current
        # Others may have what it has not used, until their grants have run out, too.
        return lowest(self._current, share) if now < self._keep else share
