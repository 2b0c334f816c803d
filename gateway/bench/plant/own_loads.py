"""Other loads of a site of one's own, of which its file says only the worst."""

from __future__ import annotations

from collections import deque
from random import Random
from typing import TYPE_CHECKING

from gateway.bench.plant.loads import Pulses, Series, single
from gateway.bench.plant.visit import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.bench.plant.visit import Visit
    from gateway.load.site import LoadSite, Phases

_DAY = 86_400.0
_NOTHING: Phases = (0.0, 0.0, 0.0)


def others(site: LoadSite, seconds: float, rng: Random) -> Mapping[str, Series]:
    """Circuit -> loads that hang directly on it; at worst what its file says, less what is behind its children."""
    return {node: _base(most, seconds, Random(rng.random())) for node, most in _worst(site).items()}


def _worst(site: LoadSite) -> dict[str, Phases]:
    found = {}
    for node in site.nodes:
        behind = [each.base_failsafe for each in site.nodes if each.parent == node.id]
        left = [max(0.0, node.base_failsafe[phase] - sum(each[phase] for each in behind)) for phase in range(3)]
        if any(left):
            found[node.id] = (left[0], left[1], left[2])
    return found


def _base(most: Phases, seconds: float, rng: Random) -> Series:
    """Loads that together reach the worst case now and then: half as much at night as in the evening."""
    loads = Pulses(seconds, _times(most, 0.1))
    loads.hum(20.0, 0.04 * max(most), rng)
    whole = (0.0, seconds)
    loads.cycle(whole, 20 * MINUTE, 35 * MINUTE, _times(most, 0.15), rng)
    for phase in range(3):
        loads.cycle(whole, 4 * MINUTE, rng.uniform(20, 60) * MINUTE, single(phase, 0.3 * most[phase]), rng)
        for day in range(int(seconds // _DAY) + 1):
            for begins, lasts, share in ((6.5, 2.0, 0.2), (11.5, 1.5, 0.25), (17.5, 4.0, 0.35)):
                at = day * _DAY + (begins + rng.uniform(-0.7, 0.7)) * HOUR
                loads.add(at, lasts * HOUR * rng.uniform(0.7, 1.3), single(phase, share * most[phase]))
                span = (at, at + lasts * HOUR)
                loads.cycle(span, 2 * MINUTE, 4 * MINUTE, single(phase, 0.35 * most[phase]), rng)
    return tuple((t, _least(flow, most)) for t, flow in loads.series(max(most)))


def with_cars(series: Series, visits: Sequence[Visit], flow: Phases, voltage: float) -> Series:
    """Other loads, and the cars at an EVSE that nothing can hold down: each draws all it can until it is full.

    Args:
        series: The loads.
        visits: The cars.
        flow: A per phase that they draw.
        voltage: From phase to neutral.
    """
    power = voltage * sum(flow)
    busy = [(each.arrival, min(each.departure, each.arrival + each.energy / power * HOUR)) for each in visits]
    found, now, ahead = [], _NOTHING, deque(series)
    for t in sorted({0.0, *(t for t, _ in series), *(edge for span in busy for edge in span)}):
        while ahead and ahead[0][0] <= t:
            now = ahead.popleft()[1]
        on = any(since <= t < until for since, until in busy)
        found.append((t, (now[0] + flow[0], now[1] + flow[1], now[2] + flow[2]) if on else now))
    return tuple(found)


def _times(flow: Phases, factor: float) -> Phases:
    return (flow[0] * factor, flow[1] * factor, flow[2] * factor)


def _least(one: Phases, two: Phases) -> Phases:
    return (min(one[0], two[0]), min(one[1], two[1]), min(one[2], two[2]))
