"""Rules of circuits: what can flow through them, with the box and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.circuit_shared_rules import check_share
from gateway.config.circuits import circuits_of
from gateway.config.findings import Problem
from gateway.config.load_keys import LoadKeys
from gateway.config.site import Station
from gateway.load.build import build, wired
from gateway.load.fallback import overloads, tilts
from gateway.load.site import Control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.circuit import Circuit, Spot
    from gateway.config.draft import Draft
    from gateway.config.positions import KeyPath
    from gateway.config.site import AdapterModels
    from gateway.load.build import Built
    from gateway.load.fallback import Overload
    from gateway.load.site import Evse, Node

    Paths = Mapping[str, KeyPath]

_SHOWN = 6
"""So many EVSEs are named in one finding."""


def check_loads(draft: Draft, adapters: Mapping[str, AdapterModels]) -> Iterator[Problem]:
    """Every broken rule of a tree that is right in itself."""
    circuits, stations = circuits_of(draft), list(_stations(draft))
    built = build(
        draft.box.name if draft.box else "",
        circuits,
        stations,
        draft.load or LoadKeys(),
        draft.box.timezone if draft.box else "UTC",
        lambda station: adapters[station.adapter].own_limit(station.settings),
    )
    paths = {each.keys.id: each.path for each in draft.circuits if each.keys is not None}
    for evse in built.site.evses:
        yield from _fits(evse, built, paths)
    for node in built.site.nodes:
        yield from _balanced(node, built, paths[node.id])
    yield from _wiring(circuits, stations, paths)
    yield from _unlimited(built, circuits, paths)
    yield from _without_box(built, circuits, paths)
    yield from _uneven(built, paths)
    if draft.load is not None and draft.load.mqtt is not None:
        yield from check_share(built, circuits, draft.load.mqtt.box, paths)
    yield from _less(built, circuits, paths)


def _stations(draft: Draft) -> Iterator[Station]:
    for each in draft.stations:
        if each.keys is not None and each.settings is not None:
            yield Station.model_construct(**dict(each.keys), settings=each.settings)


def _fits(evse: Evse, built: Built, paths: Paths) -> Iterator[Problem]:
    """Whether it can ever charge."""
    least = evse.fixed if evse.control is Control.ONOFF else evse.minimum
    params: dict[str, object] = {"evse": evse.id, "minimum": f"{least:g}", "maximum": f"{evse.maximum:g}"}
    if least > evse.maximum:
        yield Problem(code="circuit-minimum", path=paths[evse.node], params=params)
        return
    for node in (built.site.node[each] for each in built.site.path(evse.node)):
        low = min(evse.phases, key=lambda phase: node.limit[phase])
        if node.limit[low] < least:
            there = {"circuit": node.id, "phase": f"L{low + 1}", "limit": f"{node.limit[low]:g}"}
            path = (*paths[node.id], "max_current")
            yield Problem(code="circuit-too-small", path=path, params=params | there)
            return


def _balanced(node: Node, built: Built, path: KeyPath) -> Iterator[Problem]:
    """An EVSE with one phase that alone would break the rule has to wait for others that happen to balance it."""
    for name, spot in built.spots.items():
        means = built.means[name]
        evse = built.site.evse.get(name)
        if node.imbalance is None or evse is None or len(evse.phases) > 1 or node.id not in built.site.path(evse.node):
            continue
        least = means.fixed if means.control is Control.ONOFF else evse.minimum
        if least > node.imbalance:
            params = {"evse": f"{spot[0]}/{spot[1]}", "minimum": f"{least:g}", "limit": f"{node.imbalance:g}"}
            yield Problem(code="circuit-imbalance", path=path, params=params | {"circuit": node.id})


def _wiring(circuits: tuple[Circuit, ...], stations: list[Station], paths: Paths) -> Iterator[Problem]:
    keys = {(each.identity, evse.id): evse.connector for each in stations for evse in each.evse}
    for circuit in circuits:
        path = (*paths[circuit.keys.id], "stations")
        of_all = [spot for spot in circuit.evses if len(wired(keys[spot])) > keys[spot].phases]
        guessed = [spot for spot in circuit.evses if keys[spot].rotation == "Unknown" and spot not in of_all]
        guessed = [spot for spot in guessed if keys[spot].phase is None]
        if of_all:
            params = {"value": _listed(of_all), "circuit": circuit.keys.id}
            yield Problem(code="circuit-wiring", path=path, params=params, severity="note")
        if guessed:
            params = {"value": _listed(guessed), "circuit": circuit.keys.id}
            yield Problem(code="circuit-rotation", path=path, params=params, severity="note")


def _unlimited(built: Built, circuits: tuple[Circuit, ...], paths: Paths) -> Iterator[Problem]:
    """EVSEs that nothing can hold down are loads like others; somebody should know."""
    for circuit in circuits:
        there = [spot for spot in circuit.evses if f"{spot[0]}/{spot[1]}" in built.unlimited]
        if there:
            params = {"value": _listed(there), "circuit": circuit.keys.id}
            path = (*paths[circuit.keys.id], "stations")
            yield Problem(code="circuit-unlimited", path=path, params=params, severity="note")


def _without_box(built: Built, circuits: tuple[Circuit, ...], paths: Paths) -> Iterator[Problem]:
    """The fuse has to hold when the box is gone."""
    groups = {each.keys.id for each in circuits if each.keys.fuse == "none"}
    falls = {each: means.failsafe for each, means in built.means.items()}
    found: dict[str, list[Overload]] = {}
    for each in overloads(built.whole, falls):
        found.setdefault(each.node, []).append(each)
    for circuit, phases in found.items():
        worst = max(phases, key=lambda each: each.total - each.limit)
        trips = circuit not in groups and any(each.trips for each in phases)
        params = {
            "circuit": circuit,
            "phases": ", ".join(f"L{each.phase + 1}: {each.total:g} A" for each in phases),
            "limit": f"{worst.rated if trips else worst.limit:g}",
            "base": f"{worst.base:g}",
            "evses": _listed([f"{name} {amps:g} A" for name, amps in worst.falls.items()]) or "-",
        }
        path = (*paths[circuit], "max_current")
        if trips:
            yield Problem(code="circuit-fallback", path=path, params=params)
        else:
            yield Problem(code="circuit-fallback-limit", path=path, params=params, severity="warning")


def _uneven(built: Built, paths: Paths) -> Iterator[Problem]:
    """Nor is there anybody then who keeps the phases even; that trips no fuse."""
    falls = {each: means.failsafe for each, means in built.means.items()}
    for each in tilts(built.whole, falls):
        params = {
            "circuit": each.node,
            "phase": f"L{each.high + 1}",
            "other": f"L{each.low + 1}",
            "amps": f"{each.amps:g}",
            "limit": f"{each.limit:g}",
            "evses": _listed([f"{name} {amps:g} A" for name, amps in each.falls.items()]),
        }
        if each.wired:
            yield Problem(code="circuit-fallback-uneven", path=paths[each.node], params=params, severity="warning")
        else:
            yield Problem(code="circuit-fallback-one-phase", path=paths[each.node], params=params, severity="note")


def _less(built: Built, circuits: tuple[Circuit, ...], paths: Paths) -> Iterator[Problem]:
    """A reduction below the minimum pauses all, and one that is none does nothing."""
    every = iter(built.restrictions.every)
    for circuit in circuits:
        node = built.site.node[circuit.keys.id]
        least = min((e.minimum for e in built.site.evses if node.id in built.site.path(e.node)), default=0.0)
        places = [("reduce", place) for place in range(len(circuit.keys.reduce))]
        places += [("plan", place) for place in range(len(circuit.keys.plan))]
        for place, restriction in zip(places, every, strict=False):
            path = (*paths[node.id], *place)
            params = {"circuit": node.id, "limit": ", ".join(f"{each:.4g}" for each in restriction.limit)}
            if 0 < max(restriction.limit) < least:
                yield Problem(code="circuit-less-pauses", path=path, params=params, severity="warning")
            elif all(less >= limit for less, limit in zip(restriction.limit, node.limit, strict=True)):
                yield Problem(code="circuit-less-nothing", path=path, params=params, severity="warning")


def _listed(several: list[Spot] | list[str]) -> str:
    names = [each if isinstance(each, str) else f"{each[0]}/{each[1]}" for each in several]
    more = [f"... ({len(names)})"] if len(names) > _SHOWN else []
    return ", ".join([*names[:_SHOWN], *more])
