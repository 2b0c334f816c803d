"""When the circuits of a site of one's own may carry less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gateway.bench.plant.loads import spans

if TYPE_CHECKING:
    from random import Random

    from gateway.bench.plant.scenario import Span
    from gateway.load.build import Built
    from gateway.load.site import Phases

_SUNDAY = datetime(2024, 5, 5)  # noqa: DTZ001 - by the clock of the site; no change of clocks is near
_CONTACTS = 0.5  # times a day that a contact of the grid's operator closes


def limits(built: Built, seconds: float, rng: Random) -> dict[str, tuple[tuple[float, Phases | None], ...]]:
    """When circuits may carry less: plans by the clock of the site, contacts by chance.

    Args:
        built: The site; a run begins with the midnight before a Sunday.
        seconds: How long.
        rng: Draws.
    """
    restrictions, site = built.restrictions, built.site
    start = _SUNDAY.replace(tzinfo=restrictions.zone).astimezone(UTC)
    channels = sorted({each.channel for each in restrictions.every if each.slot is None})
    closed = {each: spans(rng, seconds, per_day=_CONTACTS, shortest=20, longest=120) for each in channels}
    moments = {0.0, *(edge for several in closed.values() for span in several for edge in span)}
    change = restrictions.next_change(start)
    while change is not None and (change - start).total_seconds() < seconds:
        moments.add((change - start).total_seconds())
        change = restrictions.next_change(change)
    found: dict[str, list[tuple[float, Phases | None]]] = {}
    for t in sorted(moments):
        when = start + timedelta(seconds=t)
        standing = frozenset(
            place
            for place, each in enumerate(restrictions.every)
            if (each.slot.on(when.astimezone(restrictions.zone)) if each.slot else _within(t, closed[each.channel]))
        )
        now = restrictions.limits(site, standing)
        for node in {*found, *now}:
            series = found.setdefault(node, [])
            if (series[-1][1] if series else None) != now.get(node):
                series.append((t, now.get(node)))
    return {node: tuple(series) for node, series in found.items()}


def _within(t: float, several: tuple[Span, ...]) -> bool:
    return any(since <= t < until for since, until in several)
