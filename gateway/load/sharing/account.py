"""What one box may use at most, as the leader knows it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.load.sharing.messages import Grant
from gateway.load.sharing.rules import DRIFT, FOLLOW, highest, lowest

if TYPE_CHECKING:
    from gateway.load.sharing.messages import Need, Report, Term
    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

NEVER = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A grant that may still count.

    Attributes:
        number: Its number.
        current: A per phase.
        at: When it was sent.
        until: When it has run out for certain.
        since: When, at the earliest, the report was sent that it answers.
    """

    number: int
    current: Phases
    at: float
    until: float
    since: float


class Account:
    """One box, during one leadership."""

    def __init__(self, rules: Rules, box: str, term: Term, began: float) -> None:
        """Begin without knowing what it has.

        Args:
            rules: Of the group.
            box: Which.
            term: Of the leader.
            began: When the leader has first heard itself.
        """
        self.share = rules.shares[box]
        self.report: Report | None = None
        self.at = NEVER
        self.box = box
        self._rules, self._term, self._began = rules, term, began
        self._issued: list[Issued] = []
        self._number = 0
        self._old: set[str] = set()
        self._follows = False

    def hear(self, report: Report, now: float) -> None:
        """The box tells."""
        last = self.report
        if report.boot in self._old or (last and last.boot == report.boot and report.number <= last.number):
            return
        if last is not None and last.boot != report.boot:
            self._old.add(last.boot)
            self._issued.clear()  # nobody is left who could take them
            self._follows = False
        self.report, self.at = report, now
        self._follows = self._follows or report.term == self._term
        if report.term == self._term:
            self._issued = [each for each in self._issued if each.number >= report.grant]

    def fresh(self, now: float) -> bool:
        """Whether it is heard, and certainly takes no grant of an earlier leader."""
        return self.report is not None and self.bound(now) is not None and now < self.at + self._rules.life

    def bound(self, now: float) -> Phases | None:
        """A per phase that it may use from now until a grant of now has run out; None: that is not known."""
        if not self._follows and now < self._began + 2 * self._rules.life * (1 + DRIFT) + FOLLOW:
            return None
        bounds = [self._counts(each, now) for each in self._issued]
        if self.report is not None and now < self._until(self.at):
            bounds.append(self.report.need.holds)
        if not self.lent(now):
            bounds.append(self.share)
        return highest(*bounds)

    def lent(self, now: float) -> bool:
        """Whether it certainly does not go back to its share while a grant of now holds, or is still followed."""
        known = self._confirmed
        back = NEVER if known is None else known.since + self._rules.keep * (1 - DRIFT)
        return now + self._rules.life * (1 + DRIFT) + self._rules.release + FOLLOW < back

    def need(self, now: float) -> Need | None:
        """What it needs, if it is heard: at least its share, unless that is lent."""
        if self.report is None or not self.fresh(now):
            return None
        need = self.report.need
        return need if self.lent(now) else replace(need, floor=highest(need.floor, self.share))

    def known(self, now: float) -> Phases:
        """A per phase that it may be granted whatever the others have: no more than it would have anyway."""
        if self._issued:
            return self._counts(self._issued[-1], now)
        return self.share if self.report is None else lowest(self.report.limit, self.share)

    @property
    def current(self) -> Phases:
        """What it was granted last."""
        return self._issued[-1].current if self._issued else self.share

    def grant(self, current: Phases, now: float) -> Grant | None:
        """Grant it so much, if there is something to say; its bound covers that at once."""
        report, last = self.report, self._issued[-1] if self._issued else None
        if report is None or not self.fresh(now):
            return None
        pause = self._rules.beat * (0.1 if last is None or last.current != current else 1.0)
        if last is not None and now < last.at + pause:
            return None
        self._number += 1
        known = self._confirmed
        issued = Issued(
            number=self._number,
            current=current,
            at=now,
            until=self._until(self.at),
            since=NEVER if known is None else known.at,
        )
        self._issued.append(issued)
        return Grant(
            box=self.box,
            boot=report.boot,
            report=report.number,
            term=self._term,
            number=self._number,
            current=current,
            life=self._rules.life,
            keep=self._rules.keep,
        )

    @property
    def _confirmed(self) -> Issued | None:
        """The grant that the box says it has; it has sent its newest report after that was sent."""
        there = self.report.grant if self.report is not None and self.report.term == self._term else 0
        return next((each for each in self._issued if each.number == there), None)

    def _counts(self, issued: Issued, now: float) -> Phases:
        return issued.current if now < issued.until else lowest(issued.current, self.share)

    @property
    def _release(self) -> float:
        return FOLLOW if self.report is None else max(FOLLOW, self.report.need.release)

    def _until(self, at: float) -> float:
        """When a grant that answers a report has run out, and stations without a box have followed."""
        return at + self._rules.life * (1 + DRIFT) + self._release
