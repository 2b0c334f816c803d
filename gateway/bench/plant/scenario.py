"""What happens at a site in a run: laid down before, and the same for every controller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.visit import Visit
    from gateway.load.site import LoadSite, Phases

Span = tuple[float, float]
"""From, until: s of the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A run of a site. Times are in s from its beginning.

    Attributes:
        name: For reports.
        site: The fuses and EVSEs.
        seconds: How long it takes.
        visits: The cars, of each EVSE one after the other.
        base: Circuit -> what other loads that hang directly on it draw, A per phase, from each of these times on.
        limits: Circuit -> what it may carry less than as built, from each of these times on; None: as built.
        meters_lost: Circuit -> when its meter tells nothing new.
        stations_lost: EVSE -> when it cannot be reached.
        faults: EVSE -> when it gives nothing.
        loss: Share of setpoints that get lost on the way.
    """

    name: str
    site: LoadSite
    seconds: float
    visits: tuple[Visit, ...]
    base: Mapping[str, tuple[tuple[float, Phases], ...]] = field(default_factory=dict)
    limits: Mapping[str, tuple[tuple[float, Phases | None], ...]] = field(default_factory=dict)
    meters_lost: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    stations_lost: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    faults: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    loss: float = 0.01


class Spans:
    """Walks through spans in order of time."""

    def __init__(self, spans: tuple[Span, ...]) -> None:
        self._edges = [edge for span in sorted(spans) for edge in span]
        self._index = 0

    def at(self, now: float) -> bool:
        """Whether now is within a span; now never goes back."""
        while self._index < len(self._edges) and self._edges[self._index] <= now:
            self._index += 1
        return self._index % 2 == 1

    def due(self) -> float:
        """When that changes next; inf: never."""
        return self._edges[self._index] if self._index < len(self._edges) else float("inf")
