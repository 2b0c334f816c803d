"""Bundles: named sets of sensors, which become ``[[sensor]]`` tables before anything is validated. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from gateway.config.bundle import BundleHead, BundleKeys
from gateway.config.findings import Finding, Problem, SiteInvalid
from gateway.config.merge import merged, points_of
from gateway.config.places import Origin, finding_in
from gateway.config.tables import tables
from gateway.config.translate import problems, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.config.merge import Table
    from gateway.config.positions import KeyPath
    from gateway.config.source import Source

M = TypeVar("M", bound=BaseModel)

_LONGEST_NAME = 50


class Bundles(Protocol):
    """Where bundles are found."""

    def names(self) -> Iterable[str]:
        """What can be named."""

    def find(self, name: str) -> Source | None:
        """Its text; None: there is none. Raises SiteInvalid."""


@dataclass(slots=True, kw_only=True)
class Expanded:
    """A site file whose bundles have become sensors.

    Attributes:
        data: The document; the sensors of bundles stand behind its own.
        origins: Place of a sensor in the document -> the bundle that it is from.
        problems: What is wrong with the site's ``[[bundle]]`` tables, and what each brings.
        findings: What is wrong inside the files of bundles.
    """

    data: dict[str, object]
    origins: dict[int, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """A bundle that can be used."""

    head: BundleHead
    sensors: tuple[tuple[int, str, Table], ...]
    source: Source

    def brought(self, keys: BundleKeys) -> Iterator[tuple[int, str, Table]]:
        """The sensors that a use of it brings: place in the bundle, name, table."""
        outlet = keys.evse is not None
        for place, name, table in self.sensors:
            if name not in keys.leave and (not outlet or "evse" in table):
                yield place, name, table


def expand(data: Mapping[str, object], bundles: Bundles) -> Expanded:
    """Put the sensors of all bundles into a document."""
    expanded = Expanded(data=dict(data))
    own = data.get("sensor", [])
    if "bundle" not in data or not isinstance(own, list):
        return expanded
    sensors: list[object] = list(own)
    for path, raw in tables(data["bundle"], ("bundle",), expanded.problems):
        keys = _validated(BundleKeys, raw, path, expanded.problems)
        bundle = _found(keys.use, path, bundles, expanded) if keys is not None else None
        if keys is None or bundle is None:
            continue
        expanded.problems += _misnamed(bundle, keys, path)
        brought = list(_sensors(bundle, keys, path))
        expanded.problems += _told(bundle, path, [table for _, table in brought])
        for origin, table in brought:
            expanded.origins[len(sensors)] = origin
            sensors.append(table)
    expanded.data["sensor"] = sensors
    return expanded


def _found(name: str, path: KeyPath, bundles: Bundles, expanded: Expanded) -> _Bundle | None:
    try:
        source = bundles.find(name)
    except SiteInvalid as invalid:
        expanded.findings += [replace(each, text=invalid.source) for each in invalid.findings]
        return None
    if source is None:
        known = sorted(bundles.names())
        params = {"value": name, "allowed": ", ".join(known) or "-"}
        meant = suggest(name, known)
        expanded.problems.append(Problem(code="unknown-bundle", path=(*path, "use"), params=params, suggestion=meant))
        return None
    wrong: list[Problem] = []
    bundle = _read(name, source, wrong)
    seen = {(each.code, each.path, each.file) for each in expanded.findings}
    found = (finding_in(source, each) for each in wrong)
    expanded.findings += [each for each in found if (each.code, each.path, each.file) not in seen]
    return bundle


def _read(name: str, source: Source, wrong: list[Problem]) -> _Bundle | None:
    """A bundle from its file; None if its heading or one of its names is wrong."""
    for key in source.data:
        if key not in {"bundle", "sensor"}:
            params = {"key": key, "table": "[bundle]"}
            wrong.append(Problem(code="unknown-key", path=(key,), params=params, on_key=True))
    missing = (key for key in ("bundle", "sensor") if not source.data.get(key))
    wrong += [Problem(code="missing-section", path=(), params={"key": key}) for key in missing]
    head = _validated(BundleHead, source.data.get("bundle", {}), ("bundle",), wrong) if not wrong else None
    if head is not None and head.id != name:
        wrong.append(Problem(code="bundle-id", path=("bundle", "id"), params={"value": head.id, "name": name}))
    sensors: dict[str, tuple[int, str, Table]] = {}
    for path, table in tables(source.data.get("sensor", []), ("sensor",), wrong):
        called = table.get("name")
        if not isinstance(called, str):
            wrong.append(Problem(code="missing-key", path=path, params={"key": "name", "table": "[sensor]"}))
        elif called in sensors:
            wrong.append(Problem(code="sensor-twice", path=(*path, "name"), params={"value": called}))
        else:
            sensors[called] = (cast("int", path[-1]), called, table)
    return None if wrong or head is None else _Bundle(head=head, sensors=tuple(sensors.values()), source=source)


def _misnamed(bundle: _Bundle, keys: BundleKeys, path: KeyPath) -> Iterator[Problem]:
    """Names that the bundle does not have, and settings without effect."""
    known = [name for _, name, _ in bundle.sensors]
    named: list[tuple[KeyPath, str]] = [((*path, "leave", place), name) for place, name in enumerate(keys.leave)]
    named += [((*path, "set", name), name) for name in keys.set]
    for at, name in named:
        if name not in known:
            params = {"value": name, "bundle": keys.use, "allowed": ", ".join(known)}
            meant = suggest(name, known)
            yield Problem(code="bundle-sensor", path=at, params=params, on_key=True, suggestion=meant)
    brought = [name for _, name, _ in bundle.brought(keys)]
    for name in keys.set:
        if name in known and name not in brought:
            reason = "leave" if name in keys.leave else f"evse = {keys.evse}"
            params = {"key": name, "reason": reason}
            yield Problem(code="unused-key", path=(*path, "set", name), params=params, on_key=True, severity="warning")
    if keys.evse is not None and not any("evse" in table for _, _, table in bundle.sensors):
        yield Problem(code="bundle-no-outlet", path=(*path, "evse"), params={"bundle": keys.use})


def _sensors(bundle: _Bundle, keys: BundleKeys, path: KeyPath) -> Iterator[tuple[Origin, Table]]:
    brought = list(bundle.brought(keys))
    names = {name: keys.set.get(name, {}).get("name", _called(name, keys)) for _, name, _ in brought}
    for place, name, table in brought:
        given = {"station": keys.station, "evse": keys.evse}
        over = {key: value for key, value in given.items() if value is not None} | keys.set.get(name, {})
        found = merged(table, over) | {"name": names[name]}
        origin = Origin(
            path=path, use=keys.use, name=name, place=place, points=points_of(found.get("value")), source=bundle.source
        )
        yield origin, {key: _renamed(key, value, names) for key, value in found.items()}


def _called(name: str, keys: BundleKeys) -> str:
    """What a sensor of a bundle is called on the box: the same bundle may serve several stations and EVSEs."""
    where = [keys.station] if keys.station else []
    where += [f"EVSE {keys.evse}"] if keys.evse else []
    suffix = " ".join(where)
    return f"{name} {suffix[-(_LONGEST_NAME - 1 - len(name)) :]}" if suffix else name


def _renamed(key: str, value: object, names: Mapping[str, object]) -> object:
    """An output is a sensor of the same use of the bundle, if it has one of this name."""
    if key == "value" and isinstance(value, list):
        return [
            {inner: _renamed(inner, each, names) for inner, each in table.items()} if isinstance(table, dict) else table
            for table in value
        ]
    if key != "react" or not isinstance(value, dict) or not isinstance(value.get("output"), str):
        return value
    sensor, slash, point = str(value["output"]).partition("/")
    return value | {"output": f"{names.get(sensor, sensor)}{slash}{point}"}


def _told(bundle: _Bundle, path: KeyPath, brought: list[Table]) -> Iterator[Problem]:
    """What a bundle brings, for the technician."""
    params = {
        "bundle": bundle.head.id,
        "title": bundle.head.title,
        "sensors": len(brought),
        "names": ", ".join(str(each["name"]) for each in brought) or "-",
        "reactions": sum("react" in each for table in brought for each in (table, *_values(table))),
        "hardware": "; ".join(bundle.head.hardware) or "-",
    }
    yield Problem(code="bundle-brings", path=(*path, "use"), params=params, severity="note")


def _values(table: Table) -> list[Table]:
    values = table.get("value")
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _validated(model: type[M], value: object, path: KeyPath, found: list[Problem]) -> M | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found.extend(problems(error, model, path))
        return None
