"""Which readings are due when: sampled and clock-aligned meter values (OCPP 2.0.1 Part 2, J, 2.1 and 2.2; 2.7).

The driver of an EVSE calls ``due`` about once a second, takes all readings once if anything is due, and makes of them
what each purpose asks for with ``chosen``. A change of an interval holds from the next point of the new one on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from gateway.model.readings import Context, Sample

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.session.policy import Setting

_SAMPLED = "SampledDataCtrlr"
_ALIGNED = "AlignedDataCtrlr"


class Purpose(Enum):
    """What readings are taken for."""

    BEGIN = "begin"  # told with the begin of a transaction
    UPDATED = "updated"  # told during it
    ENDED = "ended"  # kept during it, and told with its end
    END = "end"  # taken at its end, and told with it
    ENDED_BEGIN = "ended-begin"  # taken at its begin, and told with its end
    ALIGNED = "aligned"  # told at the time of day, in a transaction or out of it
    ALIGNED_ENDED = "aligned-ended"  # kept at the time of day, and told with the end


_CONTEXTS = {
    Purpose.BEGIN: Context.TRANSACTION_BEGIN,
    Purpose.UPDATED: Context.SAMPLE_PERIODIC,
    Purpose.ENDED: Context.SAMPLE_PERIODIC,
    Purpose.END: Context.TRANSACTION_END,
    Purpose.ENDED_BEGIN: Context.TRANSACTION_BEGIN,
    Purpose.ALIGNED: Context.SAMPLE_CLOCK,
    Purpose.ALIGNED_ENDED: Context.SAMPLE_CLOCK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What is to be sampled; measurands by OCPP's names, intervals in s, 0: never."""

    started: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    updated_interval: int = 0
    ended: frozenset[str] = frozenset()
    ended_interval: int = 0
    aligned: frozenset[str] = frozenset()
    aligned_interval: int = 0
    aligned_ended: frozenset[str] = frozenset()
    aligned_ended_interval: int = 0

    @classmethod
    def of(cls, setting: Setting) -> Sampling:
        """The sampling that a station's variables ask for; a controller that is not enabled asks for nothing."""
        off = {controller for controller in (_SAMPLED, _ALIGNED) if setting(controller, "Enabled") == "false"}

        def members(controller: str, variable: str) -> frozenset[str]:
            return frozenset() if controller in off else _members(setting(controller, variable))

        return cls(
            started=members(_SAMPLED, "TxStartedMeasurands"),
            updated=members(_SAMPLED, "TxUpdatedMeasurands"),
            updated_interval=int(setting(_SAMPLED, "TxUpdatedInterval") or 0),
            ended=members(_SAMPLED, "TxEndedMeasurands"),
            ended_interval=int(setting(_SAMPLED, "TxEndedInterval") or 0),
            aligned=members(_ALIGNED, "Measurands"),
            aligned_interval=int(setting(_ALIGNED, "Interval") or 0),
            aligned_ended=members(_ALIGNED, "TxEndedMeasurands"),
            aligned_ended_interval=int(setting(_ALIGNED, "TxEndedInterval") or 0),
        )

    def measurands(self, purpose: Purpose) -> frozenset[str]:
        """The measurands that a purpose asks for."""
        return {
            Purpose.BEGIN: self.started,
            Purpose.UPDATED: self.updated,
            Purpose.ENDED: self.ended,
            Purpose.END: self.ended,
            Purpose.ENDED_BEGIN: self.ended,
            Purpose.ALIGNED: self.aligned,
            Purpose.ALIGNED_ENDED: self.aligned_ended,
        }[purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Up to when an EVSE has been sampled; ``begun``: when its transaction has begun, None if there is none."""

    checked: datetime
    begun: datetime | None = None


def due(watch: Watch, sampling: Sampling, now: datetime) -> tuple[Watch, frozenset[Purpose]]:
    """What is due since the last call; once, however many points have gone by.

    Args:
        watch: Where sampling stands.
        sampling: What the variables ask for now.
        now: UTC; days begin at 00:00 UTC.
    """
    if now < watch.checked:
        # The clock was set back: the grid of the transaction goes with it.
        back = watch.checked - now
        watch = replace(watch, checked=now, begun=watch.begun - back if watch.begun is not None else None)
    found = set()
    if watch.begun is not None:
        if _periodic(watch.begun, sampling.updated_interval, watch.checked, now):
            found.add(Purpose.UPDATED)
        if _periodic(watch.begun, sampling.ended_interval, watch.checked, now):
            found.add(Purpose.ENDED)
        if _aligned(sampling.aligned_ended_interval, watch.checked, now):
            found.add(Purpose.ALIGNED_ENDED)
    if _aligned(sampling.aligned_interval, watch.checked, now):
        found.add(Purpose.ALIGNED)
    asked = frozenset(purpose for purpose in found if sampling.measurands(purpose))
    return replace(watch, checked=now), asked


def chosen(sample: Sample, sampling: Sampling, purpose: Purpose) -> Sample | None:
    """The readings of a full sample that a purpose asks for, with its context; None if there are none of them."""
    wanted = sampling.measurands(purpose)
    readings = tuple(
        replace(reading, context=_CONTEXTS[purpose]) for reading in sample.readings if reading.measurand in wanted
    )
    return replace(sample, readings=readings) if readings else None


def kept(samples: tuple[Sample, ...], new: Sample, limit: int) -> tuple[Sample, ...]:
    """Samples for the end of a transaction with one more; past ``limit`` every other one between is dropped (E06.FR.13)."""
    grown = (*samples, new)
    if len(grown) <= limit:
        return grown
    return (grown[0], *grown[2:-1:2], grown[-1])


def _periodic(origin: datetime, interval: int, since: datetime, until: datetime) -> bool:
    """Tell whether a point of a grid that begins at ``origin`` lies after ``since`` and not after ``until``."""
    if interval <= 0 or until <= since:
        return False
    first = max(0, (since - origin).total_seconds() // interval)
    return (until - origin).total_seconds() // interval > first


def _aligned(interval: int, since: datetime, until: datetime) -> bool:
    """As ``_periodic``, with a grid that begins anew every midnight."""
    if interval <= 0 or until <= since:
        return False
    if until.date() != since.date():
        return True
    return _second(until) // interval > _second(since) // interval


def _second(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _members(value: str) -> frozenset[str]:
    return frozenset(part for part in (part.strip() for part in value.split(",")) if part)
