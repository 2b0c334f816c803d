"""What is known of an inspected component: when it was inspected last, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.inspection.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from gateway.model.inspection.plan import Inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """``cycles_before`` and ``seconds_before`` are what had been counted when it was inspected last."""

    last: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    cycles_before: int = 0
    seconds_before: float = 0.0

    def inspected(self, at: datetime, now: float) -> Record:
        """The component has been inspected.

        Args:
            at: When, UTC.
            now: Monotonic time in s.
        """
        tally = self.tally.at(now)
        return replace(self, last=at, tally=tally, cycles_before=tally.cycles, seconds_before=tally.seconds)

    def counted(self, tally: Tally) -> Record:
        """The record with what has been counted by now."""
        return self if tally is self.tally else replace(self, tally=tally)

    def known_to(self, inspection: Inspection) -> Record:
        """The record, with the date of the site file if that is later. Counts go on: a date says nothing of them."""
        if inspection.last is None or (self.last is not None and self.last >= inspection.last):
            return self
        return replace(self, last=inspection.last)

    def document(self) -> dict[str, Any]:
        """The record as JSON, to be kept."""
        return {
            "last": self.last.isoformat() if self.last is not None else None,
            "cycles": self.tally.cycles,
            "seconds": round(self.tally.seconds, 3),
            "on": self.tally.on,
            "cyclesBefore": self.cycles_before,
            "secondsBefore": round(self.seconds_before, 3),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Record:
        """The record that was kept; what happened while the box was off is not known."""
        last = document.get("last")
        return cls(
            last=datetime.fromisoformat(last) if last else None,
            tally=Tally(
                cycles=document.get("cycles", 0), seconds=document.get("seconds", 0.0), on=document.get("on", False)
            ),
            cycles_before=document.get("cyclesBefore", 0),
            seconds_before=document.get("secondsBefore", 0.0),
        )
