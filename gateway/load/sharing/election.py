"""Who leads. Pure.

There is no compare-and-set at a broker, but one order of the messages on a topic, the same for all who listen. A box that
wants to lead says so there, under a higher term than it has ever heard, and leads once it hears itself: everything that was
said before it has then heard, too. It goes on saying so, and counts only on what it has heard come back: its authority ends
``life`` after the last such message was sent. So it ends before another one begins to count (see ``Leader``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.sharing.messages import NO_TERM, Lease, box_of
from gateway.load.sharing.rules import DRIFT

if TYPE_CHECKING:
    from gateway.load.sharing.messages import Term
    from gateway.load.sharing.rules import Rules

NEVER = float("-inf")


class Election:
    """One box's view of who leads."""

    def __init__(self, rules: Rules, box: str, boot: str) -> None:
        """Know nobody yet, and be without a broker."""
        self._rules, self._box, self._boot = rules, box, boot
        self._name = f"{box}/{boot}"
        self._rank = sorted(rules.shares).index(box)
        self._seen: Term = NO_TERM
        self._number = 0
        self._heard: Lease | None = None
        self._quiet: float | None = None
        self._own: Term | None = None
        self._sent: dict[int, float] = {}
        self._said = self._confirmed = NEVER
        self.since: float | None = None

    @property
    def term(self) -> Term | None:
        """The term that this box leads in, or wants to."""
        return self._own

    def leads(self, now: float) -> bool:
        """Whether it may grant; ``since`` is when it first heard itself."""
        return self._own is not None and now < self._confirmed + self._rules.life * (1 - DRIFT)

    @property
    def leader(self) -> str:
        """Who leads, as far as it is known; "": nobody."""
        if self._own is not None:
            return self._box if self.since is not None else ""
        return box_of(self._heard.term) if self._heard is not None else ""

    def connected(self, now: float) -> None:
        """It listens from now on."""
        self._resign()
        self._heard, self._quiet = None, now

    def lost(self) -> None:
        """It hears nothing more. Who has missed a message cannot lead."""
        self._resign()
        self._quiet = self._heard = None

    def saw(self, term: Term) -> None:
        """Somebody follows a term."""
        self._seen = max(self._seen, term)
        if self._own is not None and term > self._own:
            self._resign()

    def gone(self, boot: str, now: float) -> None:
        """A run of a box is over, as its last will says."""
        if self._heard is not None and self._heard.boot == boot:
            self._heard, self._quiet = None, now

    def hear(self, lease: Lease, now: float) -> None:
        """Somebody leads or wants to, this box perhaps."""
        if lease.boot == self._boot:
            self._echo(lease, now)
            return
        self.saw(lease.term)
        if self._own is None:
            self._heard, self._quiet = lease, now
        else:
            self._said = NEVER  # who wants to lead by a lower term is to know at once

    def tick(self, now: float) -> Lease | None:
        """What is to be said now."""
        if self._quiet is None:
            return None
        if (
            self._own is not None
            and now >= max(self._confirmed, min(self._sent.values(), default=now)) + self._rules.life
        ):
            self._resign()  # it is not heard, not even by itself
            self._quiet = now
        if self._own is None:
            wait = self._rules.beat * (1 + self._rank) + (0.0 if self._heard is None else self._rules.life)
            if now < self._quiet + wait:
                return None
            self._own = self._seen = (self._seen[0] + 1, self._name)
        if now < self._said + self._rules.beat:
            return None
        self._number += 1
        self._said = self._sent[self._number] = now
        for old in [each for each in self._sent if each <= self._number - 64]:
            del self._sent[old]
        return Lease(term=self._own, boot=self._boot, number=self._number)

    def _echo(self, lease: Lease, now: float) -> None:
        """It hears itself."""
        if lease.term != self._own or lease.number not in self._sent:
            return
        if self.since is not None and not self.leads(now):
            self._resign()  # others may have begun to count on it
            self._quiet = now
            return
        self._confirmed = max(self._confirmed, self._sent[lease.number])
        self.since = now if self.since is None else self.since

    def _resign(self) -> None:
        self._own = self.since = None
        self._sent.clear()
        self._said = self._confirmed = NEVER
