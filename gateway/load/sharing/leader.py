"""Grants of the box that leads. Pure.

No two grants overlap that do not fit together, whatever is lost, late or told twice, and whoever else wants to lead:

1. A grant runs out by the clock of the box that has it, ``life`` after it sent the report that the grant answers. The leader
   counts it from when it heard that report, which was later. Then the box keeps to its share, and the shares fit.
2. What a box may use at most is its ``Account.bound``: what it was granted since the grant that it has confirmed, what it says
   that it holds, and its share, unless it has certainly been lent to others: a box goes back to its share only ``keep`` after
   its report, which is later than any grant that counts on it. A box is raised only as far as all bounds fit into the room.
3. A new leader does not know what earlier ones have granted. So it grants nothing before each box follows it, and takes no
   earlier grant any more, or ``2 * life`` have gone by. Nobody else grants then: an earlier leader counts only on what it said
   before the new one did (``Election``), for ``life``, and its last grant has run out ``life`` later.
4. While the bounds do not fit, as after a change of leaders, nobody gets more than it would have had anyway
   (``Account.known``), nor more than at any time since. Who may go back to its share while a grant of now holds
   counts with that.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from gateway.load.sharing.account import Account
from gateway.load.sharing.allot import allot, keep, settled
from gateway.load.sharing.rules import highest, less, lowest, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.load.sharing.messages import Grant, Need, Report, Term
    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

PHASES = range(3)
ENDLESS = (inf, inf, inf)
_HAIR = 1e-6


class Leader:
    """One leadership."""

    def __init__(self, rules: Rules, term: Term, began: float) -> None:
        """Begin when the leader has heard itself."""
        self.term = term
        self._rules = rules
        self._accounts = {box: Account(rules, box, term, began) for box in sorted(rules.shares)}
        self._most = dict.fromkeys(self._accounts, ENDLESS)
        self._asked: tuple[Mapping[str, Need], Phases] | None = None
        self._wanted: Mapping[str, Phases] = {}

    def hear(self, report: Report, now: float) -> None:
        """A box of the group tells."""
        self._accounts[report.box].hear(report, now)

    def grants(self, room: Phases, now: float) -> Iterable[Grant]:
        """What is to be said now.

        Args:
            room: A per phase for all boxes.
            now: Seconds.
        """
        bounds = {box: account.bound(now) for box, account in self._accounts.items()}
        known = {box: bound for box, bound in bounds.items() if bound is not None}
        if len(known) < len(bounds):
            return
        targets = self._targets(known, room, now)
        tight = [each < -_HAIR for each in less(room, total(*known.values()))]
        for box, target in targets.items():
            account = self._accounts[box]
            free = less(room, total(*known.values()))
            current = self._safe(account, target, free, tight, now)
            grant = account.grant(current, now)
            if grant is not None:
                known[box] = account.bound(now) or known[box]
                yield grant

    def _targets(self, bounds: Mapping[str, Phases], room: Phases, now: float) -> dict[str, Phases]:
        """What the boxes that are heard are to have in the end."""
        heard = {box: each.need(now) for box, each in self._accounts.items()}
        needs = {box: need for box, need in heard.items() if need is not None}
        rest = less(room, total(*(bound for box, bound in bounds.items() if box not in needs)))
        if self._asked != (needs, rest):  # it is asked ten times a second
            self._asked, self._wanted = (needs, rest), allot(needs, rest, self._rules.rotation)
        wanted = self._wanted
        before = {box: self._accounts[box].current for box in needs}
        return before if settled(wanted, before, rest) else keep(wanted, before, rest)

    def _safe(self, account: Account, target: Phases, free: Phases, tight: Sequence[bool], now: float) -> Phases:
        """As much of it as may be granted now; where it is tight, no more than at any time since it has been."""
        anyway, bound, most = (
            lowest(account.known(now), target),
            account.bound(now) or account.share,
            self._most[account.box],
        )
        first, second, third = (min(most[each], anyway[each]) if tight[each] else inf for each in PHASES)
        self._most[account.box] = (first, second, third)
        found = lowest(target, lowest(self._most[account.box], total(bound, highest(free))))
        return (round(found[0], 3), round(found[1], 3), round(found[2], 3))
