"""The site file section by section: what is valid becomes a model, what is not becomes problems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, ValidationError

from gateway.config.alerts import Alerts
from gateway.config.draft_circuits import CircuitReader
from gateway.config.draft_inspections import read_inspections
from gateway.config.draft_sensors import SensorReader
from gateway.config.findings import Problem
from gateway.config.load_keys import LoadKeys
from gateway.config.site import Backend, Box, Profiles, StationKeys, Web
from gateway.config.translate import problems, suggest, toml_type
from gateway.contracts import StationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.draft_circuits import CircuitDraft
    from gateway.config.draft_inspections import InspectionDraft
    from gateway.config.draft_sensors import SensorDraft
    from gateway.config.fields import Surroundings
    from gateway.config.positions import KeyPath
    from gateway.config.site import AdapterModels, SensorModels

M = TypeVar("M", bound=BaseModel)

SECTIONS = (
    "box", "backend", "southbound", "station", "sensor", "inspection", "bundle", "profiles", "web", "alerts", "circuit",
    "load",
)  # fmt: skip
LATER_SECTIONS: tuple[str, ...] = ()
"""Sections that nothing is done with yet, so that they are not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDraft:
    """One `[[station]]` table; a part that is not valid is None."""

    path: KeyPath
    raw: Mapping[str, object]
    keys: StationKeys | None
    settings: BaseModel | None


@dataclass(slots=True, kw_only=True)
class Draft:
    """One document under examination."""

    problems: list[Problem] = field(default_factory=list)
    box: Box | None = None
    backend: Backend | None = None
    profiles: Profiles | None = None
    web: Web | None = None
    alerts: Alerts | None = None
    southbound: dict[str, BaseModel | None] = field(default_factory=dict)
    stations: list[StationDraft] = field(default_factory=list)
    sensors: tuple[SensorDraft, ...] = ()
    inspections: tuple[InspectionDraft, ...] = ()
    circuits: tuple[CircuitDraft, ...] = ()
    load: LoadKeys | None = None
    load_valid: bool = True


class DraftReader:
    """Reads one document into a draft."""

    def __init__(
        self,
        adapters: Mapping[str, AdapterModels],
        around: Surroundings,
        sensors: Mapping[str, SensorModels] | None = None,
    ) -> None:
        self._adapters = adapters
        self._sensors = sensors or {}
        self._around = around

    def read(self, data: Mapping[str, object]) -> Draft:
        """Validate every section on its own, so that a fault in one does not hide those in the others."""
        draft = Draft()
        for key in data:
            if key in LATER_SECTIONS:
                draft.problems.append(Problem(code="section-later", path=(key,), params={"key": key}, on_key=True))
            if key not in SECTIONS:
                params = {"key": key, "table": "[site]"}
                meant = suggest(key, SECTIONS)
                draft.problems.append(
                    Problem(code="unknown-key", path=(key,), params=params, on_key=True, suggestion=meant)
                )
        draft.box = self._section(draft, Box, data, "box")
        draft.backend = self._section(draft, Backend, data, "backend")
        draft.profiles = self._section(draft, Profiles, {"profiles": {}} | dict(data), "profiles")
        if "web" in data:
            draft.web = self._section(draft, Web, data, "web")
        if "alerts" in data:
            draft.alerts = self._section(draft, Alerts, data, "alerts")
        self._southbound(draft, data)
        self._stations(draft, data)
        sensors = SensorReader(self._sensors, self._around, draft.problems)
        circuits = CircuitReader(sensors, self._around, draft.problems)
        draft.circuits, meters = circuits.read([] if "circuit" in LATER_SECTIONS else data.get("circuit", []))
        draft.sensors = (*sensors.read(data.get("sensor", [])), *meters)
        if "load" in data and "load" not in LATER_SECTIONS:
            draft.load = self._section(draft, LoadKeys, data, "load")
            draft.load_valid = draft.load is not None
        draft.inspections = read_inspections(data.get("inspection", []), draft.problems)
        self._defaults(draft)
        self._together(draft)
        return draft

    def _together(self, draft: Draft) -> None:
        """Stations that each are right, but not beside each other: two ways to speak on one line."""
        for name, models in self._adapters.items():
            own = {
                id(each.settings): each
                for each in draft.stations
                if each.keys is not None and each.settings is not None and each.keys.adapter == name
            }
            settings = [
                StationSettings(
                    identity=each.keys.identity,
                    options=each.settings,
                    connectors={evse.legacy_id: (evse.id, 1) for evse in each.keys.evse},
                )
                for each in own.values()
                if each.keys is not None and each.settings is not None
            ]
            for station, error in models.unfit(settings):
                path = (*own[id(station.options)].path, "connection")
                draft.problems.append(Problem(code=error.code, path=path, params=error.params))

    def _defaults(self, draft: Draft) -> None:
        """An adapter whose own section says nothing needs none."""
        for name in {str(station.raw.get("adapter")) for station in draft.stations} - set(draft.southbound):
            models = self._adapters.get(name)
            if models is not None and not any(each.is_required() for each in models.site.model_fields.values()):
                draft.southbound[name] = models.site()

    def _section(self, draft: Draft, model: type[M], data: Mapping[str, object], key: str) -> M | None:
        if key not in data:
            draft.problems.append(Problem(code="missing-section", path=(), params={"key": key}))
            return None
        return self._validate(draft, model, data[key], (key,))

    def _validate(
        self, draft: Draft, model: type[M], value: object, path: KeyPath, also: tuple[str, ...] = ()
    ) -> M | None:
        try:
            return model.model_validate(value, context=self._around)
        except ValidationError as error:
            draft.problems.extend(problems(error, model, path, also))
            return None

    def _southbound(self, draft: Draft, data: Mapping[str, object]) -> None:
        tables = data.get("southbound", {})
        if not isinstance(tables, dict):
            params = {"key": "southbound", "expected": "table", "found": toml_type(tables)}
            draft.problems.append(Problem(code="wrong-type", path=("southbound",), params=params))
            return
        for name, value in cast("dict[str, object]", tables).items():
            path: KeyPath = ("southbound", name)
            if name in self._adapters:
                draft.southbound[name] = self._validate(draft, self._adapters[name].site, value, path)
            else:
                draft.problems.append(self._unknown_adapter(name, path, on_key=True))

    def _unknown_adapter(self, name: str, path: KeyPath, *, on_key: bool) -> Problem:
        params = {"value": name, "allowed": ", ".join(sorted(self._adapters))}
        meant = suggest(name, self._adapters)
        return Problem(code="unknown-adapter", path=path, params=params, on_key=on_key, suggestion=meant)

    def _stations(self, draft: Draft, data: Mapping[str, object]) -> None:
        tables = data.get("station", [])
        if isinstance(tables, dict):
            draft.problems.append(Problem(code="table-not-list", path=("station",), params={"key": "station"}))
            return
        if not isinstance(tables, list):
            params = {"key": "station", "expected": "array", "found": toml_type(tables)}
            draft.problems.append(Problem(code="wrong-type", path=("station",), params=params))
            return
        if not tables:
            draft.problems.append(Problem(code="missing-station", path=("station",) if "station" in data else ()))
        for index, raw in enumerate(tables):
            path: KeyPath = ("station", index)
            if isinstance(raw, dict):
                draft.stations.append(self._station(draft, cast("dict[str, object]", raw), path))
            else:
                params = {"key": "station", "expected": "table", "found": toml_type(raw)}
                draft.problems.append(Problem(code="wrong-type", path=path, params=params))

    def _station(self, draft: Draft, raw: dict[str, object], path: KeyPath) -> StationDraft:
        common = {key: value for key, value in raw.items() if key in StationKeys.model_fields}
        evse = common.get("evse")
        if isinstance(evse, dict):
            params = {"key": "station.evse"}
            draft.problems.append(Problem(code="table-not-list", path=(*path, "evse"), params=params))
            common["evse"] = [evse]
        own = {key: value for key, value in raw.items() if key not in common}
        keys = self._validate(draft, StationKeys, common, path)
        settings: BaseModel | None = None
        adapter = raw.get("adapter")
        if isinstance(adapter, str) and adapter in self._adapters:
            settings = self._validate(
                draft, self._adapters[adapter].station, own, path, tuple(StationKeys.model_fields)
            )
        elif isinstance(adapter, str):
            draft.problems.append(self._unknown_adapter(adapter, (*path, "adapter"), on_key=False))
        return StationDraft(path=path, raw=raw, keys=keys, settings=settings)
