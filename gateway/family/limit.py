"""What limit may be written to a station, and when. Pure: this is where a fuse is kept whole.

The value never exceeds the lowest ceiling; it is rounded down; below the family's minimum it is a pause. Before the
station has shown by read-back that it understands the unit, no limit is raised above what it shows already, or above
the family's minimum. Times are seconds of a steady clock: the box's own clock may be set at any moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.control import LimitControl
    from gateway.family.value import Value

PAUSE = 0.0
RETRY = 60.0
"""Seconds that a station stays paused after a failed read-back before it is tried again; twice as long every time."""

_LONGEST_RETRY = 3600.0

_TRIES = 2
_GRAIN = 1e-6  # what binary fractions may be wrong by, in steps
_IMPLAUSIBLE = 2.0  # a limit that reads so many times the family's maximum is in another unit


class Worn(IntEnum):
    """How much of a day's writes to a memory that wears is used up."""

    NOT = 0
    UP = 1  # only less current is still written
    OUT = 2  # nothing is: a station that does not keep its limit is paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The limits that hold whatever is asked for, in A per phase; None: not known."""

    family: float
    site: float
    nameplate: float | None = None
    station: float | None = None
    cable: float | None = None

    def lowest(self) -> tuple[float, str]:
        """The lowest, and whose it is. A station or cable that says 0 says nothing."""
        named = {
            "site": self.site,
            "family": self.family,
            "nameplate": self.nameplate,
            "station": self.station or None,
            "cable": self.cable or None,
        }
        return min(((value, name) for name, value in named.items() if value is not None), key=lambda each: each[0])


def setpoint(
    spec: LimitControl, wanted: float, ceilings: Ceilings, *, phases: int, values: Mapping[str, Value] | None = None
) -> float:
    """The value to write, in the unit of the family; ``PAUSE`` below its minimum.

    Args:
        spec: The family's limit.
        wanted: What is asked for, in A per phase.
        ceilings: What holds besides.
        phases: Phases that may carry current: what a limit in W is shared among.
        values: Points that the conversion to W may use.
    """
    amps = min(wanted, ceilings.lowest()[0])
    if not math.isfinite(amps) or amps <= 0:
        return PAUSE
    value = amps if spec.unit == "A" else _watts(spec, amps, phases, values or {})
    stepped = math.floor(value / spec.step + _GRAIN) * spec.step
    stepped = round(min(stepped, math.floor(spec.max / spec.step + _GRAIN) * spec.step), 9)
    return stepped if stepped >= spec.min else PAUSE


def _watts(spec: LimitControl, amps: float, phases: int, values: Mapping[str, Value]) -> float:
    if spec.from_amps is None:
        return NOMINAL_VOLTAGE * amps * phases
    watts = spec.from_amps.evaluate({**values, "amps": amps, "phases": phases})
    return float(watts) if isinstance(watts, int | float) else PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What has been written to a station, and what it has shown of it.

    Attributes:
        confirmed: A limit above zero that was written has been read back since connecting.
        written: The value that was written last; None: none since connecting, or it is not known whether it came through.
        written_at: When.
        raised_at: When it was last raised.
        waiting: The value has not been read back yet.
        tries: Writes of this value that were not read back.
        failed_at: When it was given up; the station is to be paused.
        found: The limit that the station had by itself, as it was to be, and that needed no write.
        before: The most that it showed, or was still to show, when the last write was decided.
        failures: How often it was given up since a limit was confirmed.
    """

    confirmed: bool = False
    written: float | None = None
    written_at: float | None = None
    raised_at: float | None = None
    waiting: bool = False
    tries: int = 0
    failed_at: float | None = None
    found: float | None = None
    before: float | None = None
    failures: int = 0

    @property
    def retry_at(self) -> float:
        """From when on a station that was given up is tried again."""
        return (self.failed_at or 0.0) + min(RETRY * 2.0 ** (self.failures - 1), _LONGEST_RETRY)

    @property
    def held(self) -> float | None:
        """The limit that the station is known to have; None: not known."""
        return self.found if self.written is None else self.written

    def wrote(self, value: float, now: float, *, verified: bool) -> Gate:
        """The gate after a write; ``verified``: the family can show it."""
        raised = self.written is None or value > self.written
        again = self.waiting and value == self.written
        return replace(
            self,
            written=value,
            found=None,
            written_at=now,
            raised_at=now if raised else self.raised_at,
            waiting=verified,
            tries=self.tries + 1 if again else 1,
        )

    def unsure(self) -> Gate:
        """The gate while a write is under way, and where its answer was lost: the station may have it, or not."""
        return replace(self, written=None, found=None, waiting=False)

    def gave_up(self, now: float) -> Gate:
        """The gate after a failure: nothing is known of the station any more."""
        return Gate(raised_at=self.raised_at, failed_at=now, failures=min(self.failures, 30) + 1)

    def anew(self) -> Gate:
        """The gate when nothing that was written holds any more; that it was given up does."""
        return Gate(failed_at=self.failed_at, failures=self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done now.

    Attributes:
        write: Value to write; None: nothing.
        fail: The limit cannot be confirmed: pause by every means, and tell.
        why: Short word for the log: ``unit``, ``read-back``, ``dwell``, ``worn``, ``wait``; "" where all is as wanted.
    """

    write: float | None = None
    fail: bool = False
    why: str = ""

    @property
    def settled(self) -> bool:
        """True where the station has what it is to have."""
        return self.write is None and not self.fail and not self.why


def decide(
    gate: Gate, spec: LimitControl, want: float, seen: float | None, now: float, *, worn: Worn = Worn.NOT
) -> tuple[Gate, Decision]:
    """Compare what is wanted with what was written and what the station shows.

    Args:
        gate: What was written.
        spec: The family's limit.
        want: The value that ``setpoint`` gives.
        seen: What the station shows now, in the same unit; None: it shows nothing.
        now: Seconds of a steady clock.
        worn: How much the memory behind the limit may still be written today.
    """
    if gate.failed_at is not None:
        if now < gate.retry_at or worn is Worn.OUT:
            return gate, Decision(why="read-back")
        gate = Gate(raised_at=gate.raised_at, failures=gate.failures)
    if not shown_by(spec, gate.written):
        decision = _step(gate, spec, want, gate.written, now, worn)
    elif seen is not None and seen > _IMPLAUSIBLE * spec.max:
        decision = Decision(fail=True, why="unit")
    else:
        gate, decision = _verified(gate, spec, want, seen, now, worn)
    if decision.write is not None:
        gate = replace(gate, before=_before(gate, decision.write, seen))
    return (gate.gave_up(now) if decision.fail else gate), decision


def _before(gate: Gate, write: float, seen: float | None) -> float | None:
    """What a station may still show after a write: what it shows now, or more that it was told and has not shown yet."""
    told = (gate.written, gate.before) if gate.waiting and gate.written is not None and write < gate.written else ()
    return max((value for value in (seen, *told) if value is not None), default=None)


def shown_by(spec: LimitControl, written: float | None) -> bool:
    """Tell whether the station can show a value: a pause by steps of its own leaves the limit as it was."""
    return spec.verify is not None and (written != PAUSE or isinstance(spec.pause, str))


def _verified(
    gate: Gate, spec: LimitControl, want: float, seen: float | None, now: float, worn: Worn
) -> tuple[Gate, Decision]:
    written = gate.written
    if gate.waiting and written is not None:
        if seen is None or not _shows(spec, written, seen):
            return gate, _unseen(gate, spec, want, seen, now)
        gate = replace(gate, waiting=False, tries=0)
    gate = _confirmed(gate, spec, seen, now)
    if written is None:
        found = _has(spec, want, seen)
        gate = replace(gate, found=want if found else None)
        if found:
            return gate, Decision()  # nothing to do, and a memory that wears is spared
    have = written if written is not None else _known(spec, seen)
    if written is not None and seen is not None and not _shows(spec, written, seen):
        # Somebody else, or a restart of the station, has changed it.
        gate, have = replace(gate, written=None), seen
    return gate, _step(gate, spec, want if gate.confirmed else _cautious(spec, want, seen), have, now, worn)


def _unseen(gate: Gate, spec: LimitControl, want: float, seen: float | None, now: float) -> Decision:
    """What follows while the value that was written is not what is read; less than it does not wait."""
    written = gate.written if gate.written is not None else PAUSE
    if want < written:
        return Decision(write=want if gate.confirmed else _cautious(spec, want, seen))
    if spec.verify is None or _overshoots(gate, spec.verify.tol, seen):
        return Decision(fail=True, why="unit")
    within = spec.verify.within_s
    if gate.written_at is not None and now < gate.written_at + within:
        return Decision(why="wait")
    if gate.tries >= _TRIES:
        return Decision(fail=True, why="read-back")
    return Decision(write=written if gate.confirmed else _cautious(spec, written, seen), why="read-back")


def _overshoots(gate: Gate, tol: float, seen: float | None) -> bool:
    """Tell whether the station went to more than it had and more than it was told: it takes the value for another."""
    if gate.written is None or gate.before is None or seen is None:
        return False
    return seen > max(gate.written, gate.before) + tol


def _confirmed(gate: Gate, spec: LimitControl, seen: float | None, now: float) -> Gate:
    """Also long after the write: what a station offers may be 0 until a vehicle is there.

    A value that it showed before it was written proves something only when it still shows it after its time.
    """
    if not gate.written or not seen or spec.verify is None or not _shows(spec, gate.written, seen):
        return gate
    old = gate.before is not None and _shows(spec, gate.written, gate.before)
    if old and gate.written_at is not None and now < gate.written_at + spec.verify.within_s:
        return gate
    return replace(gate, confirmed=True, failures=0)


def _shows(spec: LimitControl, written: float, seen: float) -> bool:
    if spec.verify is None:
        return True
    below = seen <= written + spec.verify.tol
    return below if spec.verify.le else below and seen >= written - spec.verify.tol


def _has(spec: LimitControl, want: float, seen: float | None) -> bool:
    """Tell whether the station shows, without a write of the box, the limit that it is to have."""
    if spec.verify is None or spec.verify.le or seen is None:
        return False
    return want - spec.verify.tol <= seen <= want


def _known(spec: LimitControl, seen: float | None) -> float | None:
    """The limit that the station has by itself; what it offers, where it may offer less, does not tell."""
    return None if spec.verify is None or spec.verify.le else seen


def _cautious(spec: LimitControl, want: float, seen: float | None) -> float:
    """Until the unit is confirmed: no more than the station shows already, or than the minimum."""
    shown = seen if seen is not None and seen <= spec.max else PAUSE
    highest = max(spec.min, math.floor(shown / spec.step + _GRAIN) * spec.step)
    return min(want, highest)


def _step(gate: Gate, spec: LimitControl, want: float, have: float | None, now: float, worn: Worn) -> Decision:
    if gate.written == want:
        return Decision()
    if have is not None and want > have:
        if gate.raised_at is not None and now < gate.raised_at + spec.dwell_s:
            return Decision(why="dwell")
        if worn is not Worn.NOT:
            return Decision(why="worn")
    if worn is Worn.OUT:
        return Decision(fail=True, why="worn")
    return Decision(write=want)
