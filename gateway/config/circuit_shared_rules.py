"""Rules of connections that several boxes share."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from gateway.config.circuits import feed_of, named
from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.load.fallback import overloads
from gateway.load.site import LoadSite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.circuit import Circuit, CircuitKeys
    from gateway.config.draft import Draft
    from gateway.config.draft_circuits import CircuitDraft
    from gateway.config.positions import KeyPath
    from gateway.config.shared import SharedKeys
    from gateway.load.build import Built
    from gateway.load.site import Evse

_HAIR = 1e-9


def check_shared(draft: Draft) -> Iterator[Problem]:
    """Every broken rule of tables that are valid themselves."""
    broker = draft.load.mqtt if draft.load is not None else None
    groups: dict[str, str] = {}
    for circuit in draft.circuits:
        keys = circuit.keys
        if keys is None or keys.shared is None:
            continue
        path, shared = (*circuit.path, "shared"), keys.shared
        yield from _place(path, keys, groups)
        groups.setdefault(shared.group, keys.id)
        if broker is None and draft.load_valid:
            yield Problem(code="shared-broker", path=path, params={"value": keys.id}, on_key=True)
        elif broker is not None and broker.box not in shared.fallback:
            params = {"value": broker.box, "allowed": ", ".join(shared.fallback) or "-"}
            meant = suggest(broker.box, shared.fallback)
            yield Problem(code="shared-box", path=("load", "mqtt", "box"), params=params, suggestion=meant)
        yield from _sum((*path, "fallback"), shared)
        yield from _meter(circuit, shared, draft)
    valid = draft.circuits and all(each.keys is not None for each in draft.circuits)
    if broker is not None and not groups and valid:
        yield Problem(code="shared-nobody", path=("load", "mqtt"), on_key=True, severity="warning")


def check_share(
    built: Built, circuits: tuple[Circuit, ...], box: str, paths: Mapping[str, KeyPath]
) -> Iterator[Problem]:
    """What is behind a box falls back to no more than the box's share, as nobody can tell it when the box is gone."""
    for circuit in circuits:
        shared = circuit.keys.shared
        share = None if shared is None else shared.fallback.get(box)
        if shared is None or share is None:
            continue
        yield from _slow(built, circuit, shared, (*paths[circuit.keys.id], "shared"))
        nodes = (replace(each, limit=share) if each.id == circuit.keys.id else each for each in built.whole.nodes)
        site = LoadSite(name="", nodes=tuple(nodes), evses=built.whole.evses)
        falls = {each: means.failsafe for each, means in built.means.items()}
        found = [each for each in overloads(site, falls) if each.node == circuit.keys.id]
        if found:
            evses = dict(pair for each in found for pair in each.falls.items())
            params = {
                "value": box,
                "circuit": circuit.keys.id,
                "phases": ", ".join(f"L{each.phase + 1}: {each.total:g} A > {each.limit:g} A" for each in found),
                "base": f"{max(each.base for each in found):g}",
                "evses": ", ".join(f"{name} {amps:g} A" for name, amps in list(evses.items())[:6]) or "-",
            }
            yield Problem(code="shared-falls", path=(*paths[circuit.keys.id], "shared"), params=params)


def _slow(built: Built, circuit: Circuit, shared: SharedKeys, path: KeyPath) -> Iterator[Problem]:
    """Others wait for as long for what they have lent."""
    there = [each for each in built.site.evses if circuit.keys.id in built.site.path(each.node)]
    slowest = max((each for each in there if each.failsafe_timeout < inf), key=_timeout, default=None)
    if slowest is not None and slowest.failsafe_timeout > shared.failsafe_timeout:
        params = {
            "value": slowest.id,
            "timeout": f"{slowest.failsafe_timeout:g}",
            "limit": f"{shared.failsafe_timeout:g}",
        }
        yield Problem(code="shared-timeout", path=path, params=params)


def _timeout(evse: Evse) -> float:
    return evse.failsafe_timeout


def _place(path: KeyPath, keys: CircuitKeys, groups: Mapping[str, str]) -> Iterator[Problem]:
    if keys.shared is None:
        return
    if keys.parent is not None:
        yield Problem(code="shared-root", path=path, params={"value": keys.id}, on_key=True)
    if keys.shared.group in groups:
        params = {"value": keys.shared.group, "other": groups[keys.shared.group]}
        yield Problem(code="shared-twice", path=(*path, "group"), params=params)


def _sum(path: KeyPath, shared: SharedKeys) -> Iterator[Problem]:
    """Without a leader the connection has to carry all shares."""
    sums = [
        base + sum(share[phase] for share in shared.fallback.values()) for phase, base in enumerate(shared.base_load)
    ]
    over = [phase for phase, amps in enumerate(sums) if amps > shared.max_current[phase] + _HAIR]
    if over:
        params = {
            "value": shared.group,
            "phases": ", ".join(f"L{phase + 1}: {sums[phase]:g} A > {shared.max_current[phase]:g} A" for phase in over),
            "base": f"{max(shared.base_load):g}",
        }
        yield Problem(code="shared-fallback", path=path, params=params)


def _meter(circuit: CircuitDraft, shared: SharedKeys, draft: Draft) -> Iterator[Problem]:
    if shared.meter is None:
        return
    path = (*circuit.path, "shared", "meter")
    sensor = named(shared.meter, draft)
    if sensor is None:
        known = [each.name for each in draft.sensors if each.name]
        params = {"value": shared.meter, "allowed": ", ".join(known) or "-"}
        yield Problem(code="circuit-meter", path=path, params=params, suggestion=suggest(shared.meter, known))
    elif sensor.keys is not None and sensor.options is not None and feed_of(circuit, draft) is None:
        points = [each.name for each in sensor.points if each.unit == "A"]
        params = {"value": sensor.name, "allowed": ", ".join(points) or "-"}
        yield Problem(code="circuit-meter-currents", path=path, params=params)
