"""Rules of circuits: the tree, and what hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.circuit_load_rules import check_loads
from gateway.config.circuit_meter_rules import check_meters
from gateway.config.circuit_shared_rules import check_shared
from gateway.config.circuits import evses, spots
from gateway.config.findings import Problem
from gateway.config.translate import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.circuit import CircuitKeys, Spot
    from gateway.config.draft import Draft
    from gateway.config.positions import KeyPath
    from gateway.config.site import AdapterModels


def check_circuits(draft: Draft, adapters: Mapping[str, AdapterModels]) -> Iterator[Problem]:
    """Every broken rule; what flows is only looked at where the tree itself is right."""
    tables = [(each.path, each.keys) for each in draft.circuits if each.keys is not None]
    if not draft.circuits:
        if draft.load is not None:
            yield Problem(code="load-alone", path=("load",), on_key=True, severity="warning")
        return
    found = [*_ids(tables), *_parents(tables, draft), *_loops(tables), *_stations(tables, draft), *check_meters(draft)]
    found += check_shared(draft)
    yield from found
    whole = len(tables) == len(draft.circuits) and all(
        each.keys is not None and each.settings is not None for each in draft.stations
    )
    if whole and draft.box is not None and not any(each.severity == "error" for each in found):
        yield from check_loads(draft, adapters)


Tables = list[tuple["KeyPath", "CircuitKeys"]]


def _ids(tables: Tables) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, keys in tables:
        if keys.id in seen:
            yield Problem(code="circuit-twice", path=(*path, "id"), params={"value": keys.id})
        seen.add(keys.id)


def _parents(tables: Tables, draft: Draft) -> Iterator[Problem]:
    valid = {keys.id: keys for _, keys in tables}
    known = [each.id for each in draft.circuits if each.id]
    for path, keys in tables:
        if keys.parent is None:
            continue
        parent = valid.get(keys.parent)
        if keys.parent not in known:
            params = {"value": keys.parent, "allowed": ", ".join(known)}
            meant = suggest(keys.parent, known)
            yield Problem(code="circuit-parent", path=(*path, "parent"), params=params, suggestion=meant)
        elif parent is not None and any(
            own > above for own, above in zip(keys.max_current, parent.max_current, strict=True)
        ):
            params = {"value": keys.id, "other": parent.id}
            yield Problem(code="circuit-above-parent", path=(*path, "max_current"), params=params, severity="note")


def _loops(tables: Tables) -> Iterator[Problem]:
    parents = {keys.id: keys.parent for _, keys in tables}
    told: set[str] = set()
    for path, keys in tables:
        way = [keys.id]
        while (above := parents.get(way[-1])) is not None and above not in way:
            way.append(above)
        if above == keys.id and not told & set(way):
            told |= set(way)
            params = {"value": " < ".join([*way, keys.id])}
            yield Problem(code="circuit-loop", path=(*path, "parent"), params=params)


def _stations(tables: Tables, draft: Draft) -> Iterator[Problem]:
    known = evses(draft)
    seen: dict[Spot, str] = {}
    for path, keys in tables:
        for place, name in enumerate(keys.stations):
            at = (*path, "stations", place)
            identity = name.partition("/")[0]
            there = spots(name, known)
            if identity not in known:
                params = {"value": identity, "allowed": ", ".join(known)}
                meant = suggest(identity, known)
                yield Problem(code="circuit-station", path=at, params=params, suggestion=meant)
            elif not there:
                allowed = ", ".join(f"{identity}/{each}" for each in known[identity])
                yield Problem(code="circuit-evse", path=at, params={"value": name, "allowed": allowed})
            twice = next((each for each in there if each in seen), None)
            if twice is not None:
                where = {"value": f"{twice[0]}/{twice[1]}", "other": seen[twice]}
                yield Problem(code="circuit-station-twice", path=at, params=where)
            seen |= dict.fromkeys(there, keys.id)
    absent = [f"{identity}/{each}" for identity, numbers in known.items() for each in numbers]
    absent = [each for each in absent if (each.rpartition("/")[0], int(each.rpartition("/")[2])) not in seen]
    if absent:
        yield Problem(code="circuit-outside", path=("circuit", 0), params={"value": ", ".join(absent)}, severity="note")
    yield from _empty(tables)


def _empty(tables: Tables) -> Iterator[Problem]:
    """A circuit without any EVSE behind it limits nothing."""
    parents = {keys.id: keys.parent for _, keys in tables}
    used: set[str] = set()
    for _, keys in tables:
        above = keys.id if keys.stations else None
        while above is not None and above not in used:
            used.add(above)
            above = parents.get(above)
    for path, keys in tables:
        if keys.id not in used:
            yield Problem(code="circuit-empty", path=path, params={"value": keys.id}, severity="warning")
