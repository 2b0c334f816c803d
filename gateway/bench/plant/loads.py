"""Other loads of a site, put together from pulses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.plant.visit import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from gateway.bench.plant.scenario import Span
    from gateway.load.site import Phases

Series = tuple[tuple[float, "Phases"], ...]


class Pulses:
    """Loads that come and go on one circuit.

    Args:
        seconds: Length of the run.
        standing: A per phase that always flow.
    """

    def __init__(self, seconds: float, standing: Phases) -> None:
        self._seconds = seconds
        self._standing = standing
        self._edges: list[tuple[float, Phases]] = []

    def add(self, start: float, length: float, flow: Phases) -> None:
        """A load runs from start on for a length of s, with A per phase."""
        if start < self._seconds and length > 0:
            self._edges.append((max(0.0, start), flow))
            self._edges.append((max(0.0, start + length), (-flow[0], -flow[1], -flow[2])))

    def cycle(self, span: Span, on: float, off: float, flow: Phases, rng: Random) -> None:
        """A load that a thermostat switches: s on and off, each time a little different."""
        at = span[0] + rng.uniform(0, off)
        while at < span[1]:
            length = on * rng.uniform(0.7, 1.3)
            self.add(at, length, flow)
            at += length + off * rng.uniform(0.7, 1.3)

    def hum(self, every: float, swing: float, rng: Random) -> None:
        """Small things that never rest: each some s, on each phase anything up to the swing."""
        at = 0.0
        while at < self._seconds:
            length = every * rng.uniform(0.5, 1.5)
            self.add(at, length, (rng.uniform(0, swing), rng.uniform(0, swing), rng.uniform(0, swing)))
            at += length

    def series(self, most: float) -> Series:
        """All together, never more than so many A on a phase: from when on what flows."""
        total = list(self._standing)
        changes: dict[float, Phases] = {0.0: _bounded(total, most)}
        for t, flow in sorted(self._edges):
            total = [one + two for one, two in zip(total, flow, strict=True)]
            changes[float(int(t))] = _bounded(total, most)
        return tuple(sorted(changes.items()))


def single(phase: int, current: float) -> Phases:
    """A load on one phase."""
    return (current if phase == 0 else 0.0, current if phase == 1 else 0.0, current if phase == 2 else 0.0)  # noqa: PLR2004 - the third phase


def even(current: float) -> Phases:
    """A load on all phases."""
    return (current, current, current)


def worst(*series: Series) -> Phases:
    """What loads draw at most when each is at its own worst, A per phase."""
    most = [sum(max(flow[phase] for _, flow in each) for each in series) for phase in range(3)]
    return (most[0], most[1], most[2])


def spans(rng: Random, seconds: float, *, per_day: float, shortest: float, longest: float) -> tuple[Span, ...]:
    """Draw when something is out of order: so many times a day, each between two numbers of minutes."""
    return tuple(_spans(rng, seconds, 86_400 / per_day, shortest * MINUTE, longest * MINUTE)) if per_day else ()


def _spans(rng: Random, seconds: float, mean: float, shortest: float, longest: float) -> Iterator[Span]:
    at = rng.expovariate(1 / mean)
    while at < seconds:
        length = rng.uniform(shortest, longest)
        yield (float(int(at)), float(int(at + length)))
        at += length + rng.expovariate(1 / mean)


def _bounded(flow: list[float], most: float) -> Phases:
    return (
        min(most, max(0.0, flow[0])),
        min(most, max(0.0, flow[1])),
        min(most, max(0.0, flow[2])),
    )
