"""What boxes tell each other. Pure.

No message carries a time of day: clocks of boxes differ. A grant names the report that it answers, and holds for so long from
when that report was sent, by the clock of who has sent it.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.load.sharing.rules import NOTHING
from gateway.load.site import Phases  # noqa: TC001 read when messages are decoded

Term = tuple[int, str]
"""Number of a leadership, and ``BOX/BOOT`` of who leads: the higher one counts, and no two are the same."""

NO_TERM: Term = (0, "")


def box_of(term: Term) -> str:
    """The box that leads in a term."""
    return term[1].partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """An EVSE that wants current.

    Attributes:
        evse: Its name, unique in the box.
        phases: Phases of the supply that it loads.
        least: A per phase below which it gives nothing.
        most: A per phase that it can take.
        step: A between setpoints.
        priority: More is served first.
        on: Whether it has current now.
        age: Seconds since when that is so.
    """

    evse: str
    phases: tuple[int, ...]
    least: float
    most: float
    step: float = 1.0
    priority: int = 0
    on: bool = False
    age: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a box needs, and what it sees.

    Attributes:
        wants: Its EVSEs that want current.
        holds: A per phase that its circuit may carry at this moment at most, and until stations have followed.
        floor: A per phase that it cannot do without: ``base``, and what comes back by itself too soon.
        base: A per phase that it does not control, and that its cars cannot use.
        most: A per phase that its own circuit may carry.
        flows: A per phase that flow through its circuit for certain, as measured.
        meter: A per phase that flow through the connection; None: this box has no meter there, or it tells nothing.
        release: Seconds after which its stations have fallen back by themselves, once the box is gone.
    """

    wants: tuple[Want, ...] = ()
    holds: Phases = NOTHING
    floor: Phases = NOTHING
    base: Phases = NOTHING
    most: Phases = NOTHING
    flows: Phases = NOTHING
    meter: Phases | None = None
    release: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """From a box, to all.

    Attributes:
        box: Its name.
        boot: Names this run of it.
        number: Counts its reports.
        rules: Digest of the rules that it knows.
        term: The leadership that it follows: it takes no grant of a lower one any more.
        grant: Number of the grant that it has from this one; 0: none.
        limit: A per phase that it may use at this moment.
        need: What it needs. ``need.holds`` covers what it may use by any grant.
    """

    box: str
    boot: str
    number: int
    rules: str
    term: Term
    grant: int
    limit: Phases
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """From the leader, to one box.

    Attributes:
        box: To whom.
        boot: To which run of it.
        report: Number of the report that it answers.
        term: Of the leader.
        number: Counts the leader's grants to this box.
        current: A per phase.
        life: Seconds, from when the report was sent, for which it holds.
        keep: Seconds, from then, in which the box does not go above it, though its share is higher.
    """

    box: str
    boot: str
    report: int
    term: Term
    number: int
    current: Phases
    life: float
    keep: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """From who leads, or wants to.

    Attributes:
        term: Its leadership.
        boot: Names this run of the box.
        number: Counts these messages.
    """

    term: Term
    boot: str
    number: int


Message = Report | Grant | Lease
