"""One box of a group: follows who leads, or leads. Pure: whoever calls it knows the time, and carries the messages."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.load.sharing.connection import Connection
from gateway.load.sharing.election import Election
from gateway.load.sharing.holder import Holder
from gateway.load.sharing.leader import Leader
from gateway.load.sharing.messages import Grant, Lease, Report, box_of
from gateway.load.sharing.rules import highest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.load.sharing.messages import Message, Need
    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

NEVER = float("-inf")


class Role(StrEnum):
    """How a box has its limit."""

    LEADS = "leads"
    FOLLOWS = "follows"
    ALONE = "alone"  # without a grant, at its share


class Member:
    """State machine of one box."""

    def __init__(self, rules: Rules, box: str, boot: str, now: float) -> None:
        """Begin.

        Args:
            rules: Of the group.
            box: Its name, one of ``rules.shares``.
            boot: Names this run; no other run of any box has the same.
            now: Seconds of a clock that never goes back.
        """
        self.rules, self.box, self._boot = rules, box, boot
        self._digest = rules.digest
        self._holder = Holder(rules, box, boot, now)
        self._election = Election(rules, box, boot)
        self._leader: Leader | None = None
        self._connection = Connection(rules)
        self._reports: dict[str, tuple[Report, float]] = {}
        self._older: dict[tuple[str, str], int] = {}
        self._twins: dict[str, float] = {}
        self._number = 0
        self._told = NEVER
        self._said: tuple[object, ...] = ()

    def connected(self, now: float) -> None:
        """It hears all topics of the group from now on."""
        self._election.connected(now)
        self._told = NEVER

    def lost(self) -> None:
        """It hears nothing more."""
        self._election.lost()
        self._leader = None

    def gone(self, boot: str, now: float) -> None:
        """A run of a box is over."""
        self._election.gone(boot, now)

    def hear(self, message: Message, now: float) -> None:
        """Somebody of the group tells something; this box as well."""
        if isinstance(message, Lease):
            if box_of(message.term) in self.rules.shares:
                self._holder.follow(message.term)
                self._election.hear(message, now)
        elif isinstance(message, Grant):
            if box_of(message.term) in self.rules.shares:
                self._election.saw(message.term)
                self._holder.take(message)
        elif message.box in self.rules.shares:
            self._heard(message, now)

    def tick(self, need: Need, now: float) -> Iterator[Message]:
        """What is to be told now; to be sent in this order, at once."""
        lease = self._election.tick(now)
        if lease is not None:
            yield lease
        news = self._news(need) != self._said and now >= self._told + self.rules.beat / 10
        if news or now >= self._told + self.rules.beat:
            yield self._report(need, now)
        leader = self._leading(now)
        if leader is not None and not self.strangers(now):
            yield from leader.grants(self._connection.room(now), now)

    def limit(self, now: float) -> Phases:
        """A per phase that this box may use."""
        return self._holder.limit(now)

    def role(self, now: float) -> Role:
        """How it has its limit."""
        if not self._holder.granted(now):
            return Role.ALONE
        return Role.LEADS if self._election.leads(now) else Role.FOLLOWS

    @property
    def leader(self) -> str:
        """Name of the box that leads; "": nobody, as far as is known."""
        return self._election.leader

    def strangers(self, now: float) -> tuple[str, ...]:
        """Boxes that go by other rules, or by one name. Nobody is granted anything while there are any."""
        seen = [(box, at) for box, (report, at) in self._reports.items() if report.rules != self._digest]
        return tuple(sorted({box for box, at in (*seen, *self._twins.items()) if now < at + self.rules.life}))

    def _heard(self, report: Report, now: float) -> None:
        before = self._reports.get(report.box)
        if before is not None and before[0].boot == report.boot and before[0].number >= report.number:
            return
        older = self._older.get((report.box, report.boot))
        if older is not None:
            if report.number > older:  # an earlier run goes on: it is another box
                self._twins[report.box] = now
            return
        if before is not None and before[0].boot != report.boot:
            self._older[report.box, before[0].boot] = before[0].number
        self._reports[report.box] = (report, now)
        self._election.saw(report.term)
        if self._leader is not None:
            self._leader.hear(report, now)
        if report.need.meter is not None:
            flows = [each.need.flows for each, at in self._reports.values() if now < at + self.rules.life]
            self._connection.read(report.need.meter, flows, now)

    def _report(self, need: Need, now: float) -> Report:
        self._number += 1
        self._told, self._said = now, self._news(need)
        self._holder.sent(self._number, now)
        limit = self._holder.limit(now)
        return Report(
            box=self.box,
            boot=self._boot,
            number=self._number,
            rules=self._digest,
            term=self._holder.follows,
            grant=self._holder.number,
            limit=limit,
            need=replace(need, holds=highest(need.holds, limit)),
        )

    def _news(self, need: Need) -> tuple[object, ...]:
        """What others shall know at once."""
        wants = tuple((each.evse, each.most) for each in need.wants)
        return (self._holder.follows, self._holder.number, need.meter, wants)

    def _leading(self, now: float) -> Leader | None:
        term, since = self._election.term, self._election.since
        if term is None or since is None or not self._election.leads(now):
            self._leader = None
        elif self._leader is None or self._leader.term != term:
            self._leader = Leader(self.rules, term, since)
            for report, at in self._reports.values():
                self._leader.hear(report, at)
        return self._leader
