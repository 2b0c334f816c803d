"""What the CSMS was told, held against what the simulated meter had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.truth import when

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.families.stand import Moment, Stand

_SHARE = 0.02
_LATE = 2.0
"""Seconds that a poll and its report may take on a busy computer."""


class Gauge:
    """Measures one station."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._base = stand.file.base

    def age(self, point: str) -> float:
        """How old a value of the point may be when it is told, s."""
        poll, kind = self._base.link.poll, point.partition("_")[0]
        rates = {"fast": poll.fast, "medium": poll.medium, "slow": poll.slow}
        found = [rates.get(each.poll, 0.0) for name, each in self._base.points.items() if name.startswith(kind)]
        return max(found, default=poll.medium) + _LATE

    def check(
        self, value: float, event: Payload, of: Callable[[Moment], float], *, window: float, slack: float = 0.0
    ) -> None:
        """A value that was told is one that the station had shortly before.

        Args:
            value: What was told.
            event: Where.
            of: What it is of a moment.
            window: Seconds before the event in which it was so.
            slack: What it may be wrong by, besides what the station's register leaves out.
        """
        at = when(event["timestamp"]).timestamp()
        had = [of(moment) for moment in self._stand.between(at - window, at + 0.5)]
        slack += _SHARE * max(map(abs, had)) + self._grain
        assert min(had) - slack <= value <= max(had) + slack, (
            f"{self._stand.name}: {value} is not within {min(had)} and {max(had)}"
        )

    @property
    def _grain(self) -> float:
        """Wh that the station's register leaves out."""
        grains = [
            point.scale * {"kWh": 1000.0, "MWh": 1e6}.get(point.unit, 1.0)
            for name, point in self._base.points.items()
            if name.startswith("energy")
        ]
        return 1.0 + 2 * max(grains, default=0.0)
