"""From a file to a checked site, or to all that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.config.bundles import expand
from gateway.config.circuit_rules import check_circuits
from gateway.config.circuits import circuits_of
from gateway.config.control_rules import check_controls
from gateway.config.draft import Draft, DraftReader
from gateway.config.fields import Surroundings
from gateway.config.files import Disk, Files
from gateway.config.findings import Finding, Problem, SiteInvalid
from gateway.config.inspection_rules import check_inspections
from gateway.config.line_rules import check_lines
from gateway.config.load_keys import LoadKeys
from gateway.config.places import Places
from gateway.config.reactions import tell_reactions
from gateway.config.rules import check_rules
from gateway.config.secrecy import check_secrets
from gateway.config.sensor_rules import check_sensors
from gateway.config.shelf import Shelf
from gateway.config.site import Sensor, Site, Station
from gateway.config.source import read_source
from gateway.config.wording import language_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from gateway.config.site import AdapterModels, SensorModels


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Outcome of an examination.

    Attributes:
        site: The site, or None if there is an error.
        findings: Errors and warnings in the order of the lines.
        text: Text of the file.
    """

    site: Site | None
    findings: tuple[Finding, ...]
    text: str


def load_site(
    file: Path,
    adapters: Mapping[str, AdapterModels],
    *,
    profiles: Collection[str] = (),
    sensors: Mapping[str, SensorModels] | None = None,
    files: Files | None = None,
) -> Site:
    """Read and check a site file.

    Args:
        file: The site file.
        adapters: Adapters that are installed, with their models.
        profiles: OCPP profiles that are installed.
        sensors: Kinds of sensors that are installed, with their models.
        files: How to look at files that the site names; this machine's if absent.

    Raises:
        SiteInvalid: with every error and warning of the file.
    """
    examined = examine(file, adapters, profiles=profiles, sensors=sensors, files=files)
    if examined.site is None:
        raise SiteInvalid(file, examined.findings, examined.text)
    return examined.site


def examine(
    file: Path,
    adapters: Mapping[str, AdapterModels],
    *,
    profiles: Collection[str] = (),
    sensors: Mapping[str, SensorModels] | None = None,
    files: Files | None = None,
) -> Examined:
    """As load_site, but an invalid site is an answer and no exception; warnings are there in both cases."""
    files = Disk() if files is None else files
    try:
        source = read_source(file)
    except SiteInvalid as invalid:
        return Examined(site=None, findings=invalid.findings, text=invalid.source)
    around = Surroundings(base=file.parent, probe=files.problem, language=language_of(source.data))
    expanded = expand(source.data, Shelf(file.parent))
    draft = DraftReader(adapters, around, sensors).read(expanded.data)
    places = Places(source, expanded.origins)
    found = [
        *expanded.problems,
        *draft.problems,
        *check_rules(draft, profiles),
        *check_sensors(draft, sensors or {}),
        *check_lines(draft, adapters, sensors or {}),
        *check_controls(draft, adapters, sensors or {}),
        *check_circuits(draft, adapters),
        *check_inspections(draft),
        *tell_reactions(draft),
        *check_secrets(draft, files, file),
        *_data_dir(draft, files),
    ]
    findings = tuple(sorted((*expanded.findings, *map(places.finding, found)), key=_order))
    failed = any(each.severity == "error" for each in findings)
    return Examined(site=None if failed else _site(draft, file, sensors or {}), findings=findings, text=source.text)


def _data_dir(draft: Draft, files: Files) -> Iterator[Problem]:
    problem = files.folder_problem(draft.box.data_dir) if draft.box else None
    if draft.box is not None and problem is not None:
        yield Problem(code=problem, path=("box", "data_dir"), params={"value": str(draft.box.data_dir)})


def _order(finding: Finding) -> tuple[str, int, int, str]:
    """Lines of the site file first, then those of bundles."""
    place = (finding.span.line, finding.span.column) if finding.span else (0, 0)
    return ("" if finding.text is None else str(finding.file), *place, finding.code)


def _site(draft: Draft, file: Path, kinds: Mapping[str, SensorModels]) -> Site | None:
    if draft.box is None or draft.backend is None or draft.profiles is None:
        return None
    stations = (
        Station.model_construct(**dict(each.keys), settings=each.settings)
        for each in draft.stations
        if each.keys is not None and each.settings is not None
    )
    return Site(
        path=file,
        box=draft.box,
        backend=draft.backend,
        southbound={name: model for name, model in draft.southbound.items() if model is not None},
        station=tuple(stations),
        profiles=draft.profiles,
        web=draft.web,
        alerts=draft.alerts,
        sensor=tuple(_sensors(draft, kinds)),
        inspection=tuple(each.keys for each in draft.inspections),
        circuit=circuits_of(draft),
        load=draft.load or LoadKeys(),
    )


def _sensors(draft: Draft, kinds: Mapping[str, SensorModels]) -> Iterator[Sensor]:
    for each in draft.sensors:
        if each.keys is not None and each.options is not None:
            yield Sensor(
                name=each.name,
                keys=each.keys,
                values=tuple(value.keys for value in each.values if value.keys is not None),
                options=each.options,
                points=kinds[each.keys.kind].points(each.options),
                signs=kinds[each.keys.kind].signs(each.options),
            )
