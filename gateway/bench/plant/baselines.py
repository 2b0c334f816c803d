"""Simple controllers to hold ours against: fixed parts, equal sharing, and one EVSE after the other."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from gateway.load.site import Control

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.load.observation import EvseSeen, Observation
    from gateway.load.site import Evse, LoadSite, Phases

_EQUAL_PERIOD = 10.0
_ROBIN_PERIOD = 30.0
_STALE = 60.0  # s after which the round robin takes a meter for lost


class Static:
    """What most cabinets ship with: each EVSE has its fixed part of what circuits leave in the worst case.

    As many as that gives the minimum to have it; the others get nothing.

    Args:
        site: Circuits and EVSEs.
    """

    def __init__(self, site: LoadSite) -> None:
        free = {
            node.id: [limit - base for limit, base in zip(node.limit, node.base_failsafe, strict=True)]
            for node in site.nodes
        }
        below = {node.id: [evse for evse in site.evses if node.id in site.path(evse.node)] for node in site.nodes}
        parts = {name: min(left) / max(1, len(below[name])) for name, left in free.items()}
        self._site = site
        self._parts: dict[str, float] = {}
        for evse in site.evses:
            path = site.path(evse.node)
            need = evse.fixed if evse.control is Control.ONOFF else evse.minimum
            part = max(need, min(parts[node] for node in path))
            if all(free[node][phase] >= part for node in path for phase in evse.phases):
                self._parts[evse.id] = part
                for node in path:
                    for phase in evse.phases:
                        free[node][phase] -= part

    def step(self, seen: Observation) -> Mapping[str, float]:
        """Setpoints to write now."""
        wanted = {
            each.id: _whole(self._site.evse[each.id], self._parts.get(each.id, 0.0), each)
            for each in seen.evses
            if each.online
        }
        return {each.id: wanted[each.id] for each in seen.evses if wanted.get(each.id, each.setpoint) != each.setpoint}


class EqualShare:
    """Every ten seconds: what a circuit leaves on a phase, divided by the EVSEs there with a session.

    Whoever came last gets nothing where that is less than the minimum.

    Args:
        site: Circuits and EVSEs.
    """

    def __init__(self, site: LoadSite) -> None:
        self._site = site
        self._next = 0.0
        self._came: dict[str, float] = {}

    def step(self, seen: Observation) -> Mapping[str, float]:
        """Setpoints to write now."""
        if seen.t < self._next:
            return {}
        self._next = seen.t + _EQUAL_PERIOD
        views = {each.id: each for each in seen.evses}
        active = [each for each in seen.evses if each.session and each.online and not each.faulted]
        self._came = {each.id: self._came.get(each.id, seen.t) for each in active}
        free = {node.id: self._free(seen, views, node.id) for node in self._site.nodes}
        order = sorted(self._came, key=lambda name: self._came[name])
        shares = self._shares(order, free)
        while order and any(share < self._least(name) for name, share in shares.items()):
            order.pop()
            shares = self._shares(order, free)
        wanted = {name: _whole(self._site.evse[name], shares.get(name, 0.0), views[name]) for name in views}
        return {name: value for name, value in wanted.items() if views[name].online and value != views[name].setpoint}

    def _least(self, name: str) -> float:
        evse = self._site.evse[name]
        return evse.fixed if evse.control is Control.ONOFF else evse.minimum

    def _shares(self, order: list[str], free: Mapping[str, Phases]) -> Mapping[str, float]:
        count: dict[tuple[str, int], int] = {}
        for name in order:
            evse = self._site.evse[name]
            for node in self._site.path(evse.node):
                for phase in evse.phases:
                    count[node, phase] = count.get((node, phase), 0) + 1
        return {
            name: min(
                free[node][phase] / count[node, phase]
                for node in self._site.path(self._site.evse[name].node)
                for phase in self._site.evse[name].phases
            )
            for name in order
        }

    def _free(self, seen: Observation, views: Mapping[str, EvseSeen], node: str) -> Phases:
        """What a circuit leaves to its EVSEs: its limit less what flows in it besides them."""
        limit = seen.limits.get(node, self._site.node[node].limit)
        reading = seen.meters.get(node)
        if reading is None:
            base = self._site.node[node].base_failsafe
        else:
            own = _drawn(self._site, views, node)
            base = _three(max(0.0, one - two) for one, two in zip(reading.i, own, strict=True))
        return _three(one - two for one, two in zip(limit, base, strict=True))


class RoundRobin:
    """Every thirty seconds one EVSE has its turn: it may have so much more as the worst phase of each circuit leaves.

    Args:
        site: Circuits and EVSEs.
    """

    def __init__(self, site: LoadSite) -> None:
        self._site = site
        self._next = 0.0
        self._turn = 0

    def step(self, seen: Observation) -> Mapping[str, float]:
        """Setpoints to write now."""
        if seen.t < self._next:
            return {}
        self._next = seen.t + _ROBIN_PERIOD
        views = {each.id: each for each in seen.evses}
        evse = self._site.evses[self._turn % len(self._site.evses)]
        self._turn += 1
        view = views[evse.id]
        if not view.online:
            return {}
        value = 0.0
        if view.session and not view.faulted:
            value = (view.setpoint or 0.0) + min(self._left(seen, views, node) for node in self._site.path(evse.node))
        value = _whole(evse, value, view)
        return {evse.id: value} if value != view.setpoint else {}

    def _left(self, seen: Observation, views: Mapping[str, EvseSeen], node: str) -> float:
        limit = min(seen.limits.get(node, self._site.node[node].limit))
        reading = seen.meters.get(node)
        if not self._site.node[node].metered:
            return limit - max(_drawn(self._site, views, node))
        if reading is None or seen.t - reading.t > _STALE:
            return -limit
        return limit - max(reading.i)


def _drawn(site: LoadSite, views: Mapping[str, EvseSeen], node: str) -> Phases:
    """What EVSEs below a circuit draw; those that do not tell are taken at their setpoint."""
    total = [0.0, 0.0, 0.0]
    for evse in site.evses:
        if node not in site.path(evse.node):
            continue
        view = views[evse.id]
        if view.i is not None:
            total = [one + two for one, two in zip(total, view.i, strict=True)]
        elif view.session and view.setpoint:
            for phase in evse.phases:
                total[phase] += evse.fixed or view.setpoint
    return _three(total)


def _whole(evse: Evse, value: float, view: EvseSeen) -> float:
    """A setpoint that a station may get."""
    most = evse.maximum if view.cap is None else min(evse.maximum, view.cap)
    if evse.control is Control.ONOFF:
        return evse.fixed if evse.fixed <= min(value, most) else 0.0
    value = floor(min(value, most) / evse.step) * evse.step
    return value if value >= evse.minimum else 0.0


def _three(values: Iterable[float]) -> Phases:
    one, two, three = values
    return one, two, three
