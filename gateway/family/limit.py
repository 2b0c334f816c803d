"""What limit may be written to a station, and when. Pure: this is where a fuse is kept whole.

The value never exceeds the lowest ceiling; it is rounded down; below the family's minimum it is a pause. Before the
station has shown by read-back that it understands the unit, no limit is raised above what it shows already, or above
the family's minimum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.family.control import LimitControl
    from gateway.family.value import Value

PAUSE = 0.0
RETRY = timedelta(seconds=60)
"""After a failed read-back the station stays paused this long before it is tried again."""

_TRIES = 2
_GRAIN = 1e-6  # what binary fractions may be wrong by, in steps
_IMPLAUSIBLE = 2.0  # a limit that reads so many times the family's maximum is in another unit


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
        return 230.0 * amps * phases
    watts = spec.from_amps.evaluate({**values, "amps": amps, "phases": phases})
    return float(watts) if isinstance(watts, int | float) else PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What has been written to a station, and what it has shown of it.

    Attributes:
        confirmed: A limit above zero has been read back since connecting.
        written: The value that was written last; None: none since connecting.
        written_at: When.
        raised_at: When it was last raised.
        waiting: The value has not been read back yet.
        tries: Writes of this value that were not read back.
        failed_at: When it was given up; the station is to be paused.
    """

    confirmed: bool = False
    written: float | None = None
    written_at: datetime | None = None
    raised_at: datetime | None = None
    waiting: bool = False
    tries: int = 0
    failed_at: datetime | None = None

    def wrote(self, value: float, now: datetime, *, verified: bool) -> Gate:
        """The gate after a write; ``verified``: the family can show it."""
        raised = self.written is None or value > self.written
        again = self.waiting and value == self.written
        return replace(
            self,
            written=value,
            written_at=now,
            raised_at=now if raised else self.raised_at,
            waiting=verified,
            tries=self.tries + 1 if again else 1,
        )


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
    gate: Gate, spec: LimitControl, want: float, seen: float | None, now: datetime, *, worn: bool = False
) -> tuple[Gate, Decision]:
    """Compare what is wanted with what was written and what the station shows.

    Args:
        gate: What was written.
        spec: The family's limit.
        want: The value that ``setpoint`` gives.
        seen: What the station shows now, in the same unit; None: it shows nothing.
        now: The time.
        worn: The memory behind the limit must not be written any more today, but for less current.
    """
    if spec.verify is None:
        return gate, _step(gate, spec, want, now, worn=worn)
    if seen is not None and seen > _IMPLAUSIBLE * spec.max:
        return _given_up(gate, now), Decision(fail=True, why="unit")
    if gate.failed_at is not None:
        if now < gate.failed_at + RETRY:
            return gate, Decision(why="read-back")
        gate = Gate()
    written = gate.written
    if gate.waiting and written is not None:
        if seen is not None and _shows(spec, written, seen):
            gate = replace(gate, waiting=False, tries=0)
        elif want < written:
            return gate, Decision(write=want)
        elif gate.written_at is not None and now < gate.written_at + timedelta(seconds=spec.verify.within_s):
            return gate, Decision(why="wait")
        elif gate.tries >= _TRIES:
            return _given_up(gate, now), Decision(fail=True, why="read-back")
        else:
            return gate, Decision(write=written, why="read-back")
    gate = _confirmed(gate, spec, seen)
    if gate.written is None and seen is not None and seen == want:
        return gate, Decision()
    if gate.written is not None and seen is not None and not _shows(spec, gate.written, seen):
        # Somebody else, or a restart of the station, has changed it.
        gate = replace(gate, written=None if seen > gate.written else seen)
    return gate, _step(gate, spec, want if gate.confirmed else _cautious(spec, want, seen), now, worn=worn)


def _confirmed(gate: Gate, spec: LimitControl, seen: float | None) -> Gate:
    """Also long after the write: what a station offers may be 0 until a vehicle is there."""
    if not gate.written or not seen or not _shows(spec, gate.written, seen):
        return gate
    return replace(gate, confirmed=True)


def _given_up(gate: Gate, now: datetime) -> Gate:
    return replace(gate, confirmed=False, waiting=False, tries=0, written=None, failed_at=now)


def _shows(spec: LimitControl, written: float, seen: float) -> bool:
    if spec.verify is None:
        return True
    below = seen <= written + spec.verify.tol
    return below if spec.verify.le else below and seen >= written - spec.verify.tol


def _cautious(spec: LimitControl, want: float, seen: float | None) -> float:
    """Until the unit is confirmed: no more than the station shows already, or than the minimum."""
    shown = seen if seen is not None and seen <= spec.max else PAUSE
    highest = max(spec.min, math.floor(shown / spec.step + _GRAIN) * spec.step)
    return min(want, highest)


def _step(gate: Gate, spec: LimitControl, want: float, now: datetime, *, worn: bool) -> Decision:
    if gate.written == want:
        return Decision()
    if gate.written is not None and want > gate.written:
        if gate.raised_at is not None and now < gate.raised_at + timedelta(seconds=spec.dwell_s):
            return Decision(why="dwell")
        if worn:
            return Decision(why="worn")
    return Decision(write=want)
