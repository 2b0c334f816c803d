"""One channel of a sensor over time: what it tells, how good that is, when it has changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.model.sensing.quality import Judged, Quality
from gateway.model.sensing.settle import Hold, Settled
from gateway.model.sensing.shape import Contact

if TYPE_CHECKING:
    from gateway.model.sensing.quality import Value
    from gateway.model.sensing.shape import Shape

NEVER = float("inf")
_WAITING = Judged(value=None, quality=Quality.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a channel is read.

    Attributes:
        shape: What is sent, and what it means.
        stale_after: s without a value after which the last one no longer counts; infinite for what only tells changes.
        hold: For contacts: how long a change has to last.
        change: For quantities: less than this is no change.
        forgives: How many values in a row may be bad before that counts; a frame may be lost.
    """

    shape: Shape
    stale_after: float = NEVER
    hold: Hold = field(default_factory=Hold)
    change: float = 0.0
    forgives: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as it is; immutable. Times are in s of a clock that only goes forward.

    Attributes:
        manner: How it is read.
        now: What it tells.
        heard: When the sensor sent its last good value; infinite before that.
    """

    manner: Manner
    now: Judged = _WAITING
    heard: float = NEVER
    _bad: int = 0
    _contact: Settled | None = None

    def feed(self, raw: Value, at: float) -> Channel:
        """The sensor has sent a value."""
        judged = self.manner.shape(raw)
        if judged.quality is not Quality.GOOD:
            return self._doubted(judged)
        if isinstance(self.manner.shape, Contact):
            contact = (self._contact or Settled(hold=self.manner.hold)).feed(active=bool(judged.value), at=at)
            return replace(self, now=_counted(contact, self.now), heard=at, _bad=0, _contact=contact)
        now = self.now if _alike(self.now, judged, self.manner.change) else judged
        return replace(self, now=now, heard=at, _bad=0)

    def lose(self) -> Channel:
        """The device does not answer any more."""
        return self._without(Quality.LOST)

    def at(self, now: float) -> Channel:
        """The channel at a time when nothing has come: old values lapse, contacts that have lasted count."""
        if now >= self.heard + self.manner.stale_after:
            return self._without(Quality.STALE)
        if self._contact is None or now < self._contact.due:
            return self
        contact = self._contact.at(now)
        return replace(self, now=_counted(contact, self.now), _contact=contact)

    @property
    def due(self) -> float:
        """When ``at`` has something to say; infinite if only the sensor has."""
        contact = NEVER if self._contact is None else self._contact.due
        return min(self.heard + self.manner.stale_after, contact)

    def _doubted(self, judged: Judged) -> Channel:
        bad = self._bad + 1
        if bad <= self.manner.forgives and self.now.quality is Quality.GOOD:
            return replace(self, _bad=bad)
        return replace(self, now=judged, _bad=bad, _contact=None)

    def _without(self, quality: Quality) -> Channel:
        return replace(self, now=Judged(value=None, quality=quality), heard=NEVER, _bad=0, _contact=None)


def _counted(contact: Settled, before: Judged) -> Judged:
    """What a contact tells; what it told before where that is the same, or where nothing counts yet."""
    return before if contact.active is None or contact.active is before.value else Judged(value=contact.active)


def _alike(old: Judged, new: Judged, change: float) -> bool:
    """True where a value is no change of the one before."""
    if old.quality is not Quality.GOOD or isinstance(old.value, str) or isinstance(new.value, str):
        return old == new
    return old.value is not None and new.value is not None and abs(new.value - old.value) <= change
