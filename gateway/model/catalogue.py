"""The standard components and variables of OCPP 2.0.1, and the older names of components that a site file may use.

Sources: Part 2 "Referenced Components and Variables", Part 2 Appendices 3 and 4 (v1.4), errata 2025-09; older names:
OCPP 2.0 Release Candidate 2. The facts are in ``data/*.tsv``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING

from gateway.model.device_types import DataType, Mutability
from gateway.model.readings import MEASURANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANY = "*"
_TOLD = "*"
"""Stands in the data for an upper limit that is the station's own."""
_MEASURANDS = "Measurand"
"""Stands in the data for the whole of MeasurandEnumType."""


class Mapped(StrEnum):
    """How an older component name relates to the standard one."""

    SAME = "same"
    RENAMED = "renamed"
    SPLIT = "split"
    MERGED = "merged"
    APPROXIMATE = "approximate"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundingName:
    """A component name of Release Candidate 2; ``component`` is None where OCPP 2.0.1 has no component for it."""

    name: str
    component: str | None
    mapped: Mapped
    ac: bool
    dc: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A standard variable of a standard component.

    ``mutabilities`` are those that the standard allows, empty where it leaves them open. ``required`` means: of a
    station that has the feature. ``minimum`` and ``maximum`` (of a text: its length) are the widest limits that it may
    have; ``limited``: it has to tell its upper limit.
    """

    component: str
    variable: str
    instance: str
    type: DataType
    unit: str
    mutabilities: frozenset[Mutability]
    values: tuple[str, ...]
    required: bool
    minimum: float | None = None
    maximum: float | None = None
    limited: bool = False


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("gateway.model") / "data" / name).read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


def _entry(row: Mapping[str, str]) -> CatalogueEntry:
    values = (
        tuple(sorted(MEASURANDS)) if row["values"] == _MEASURANDS else tuple(filter(None, row["values"].split(",")))
    )
    low, _, high = row["limits"].partition("..")
    return CatalogueEntry(
        component=row["component"],
        variable=row["variable"],
        instance="" if row["instance"].startswith("<") else row["instance"],  # <...> stands for any name
        type=DataType(row["type"]),
        unit=row["unit"],
        mutabilities=frozenset(Mutability(part) for part in row["mutability"].split("|") if part),
        values=values,
        required=row["required"] == "yes",
        minimum=float(low) if low else None,
        maximum=float(high) if high not in {"", _TOLD} else None,
        limited=bool(high),
    )


def _key(component: str, variable: str, instance: str) -> tuple[str, str, str]:
    return (component.casefold(), variable.casefold(), instance.casefold())


def _founding_name(row: Mapping[str, str]) -> FoundingName:
    return FoundingName(
        name=row["founding"],
        component=row["component"] or None,
        mapped=Mapped(row["mapping"]),
        ac=bool(row["ac"]),
        dc=bool(row["dc"]),
    )


# Read when the module is imported, so that nothing reads a file on the event loop.
_COMPONENT_ROWS = _rows("components.tsv")

VARIABLES = tuple(map(_entry, _rows("variables.tsv")))
"""Every standard variable; component "*" stands for any component."""

COMPONENTS = tuple(sorted({row["component"] for row in _COMPONENT_ROWS if row["component"]}, key=str.casefold))
"""The names of the standard components."""

FOUNDING_NAMES = tuple(_founding_name(row) for row in _COMPONENT_ROWS if row["founding"])
"""The older component names."""

_BY_KEY = {_key(entry.component, entry.variable, entry.instance): entry for entry in VARIABLES}
_BY_NAME = {name.name.casefold(): name.component for name in FOUNDING_NAMES} | {c.casefold(): c for c in COMPONENTS}


def resolve_component(name: str) -> str | None:
    """The OCPP 2.0.1 name of a component that is given by either name, without regard to case.

    None if there is no such component, or if the older name has no counterpart.
    """
    return _BY_NAME.get(name.casefold())


def standard(component: str, variable: str, instance: str | None = None) -> CatalogueEntry | None:
    """What the standard says of a variable of a component; None if it says nothing.

    An instance that the standard does not name is taken as the variable itself, and a variable that may be of any
    component as that of this one.
    """
    for owner in (component, _ANY):
        for of_instance in dict.fromkeys((instance or "", "")):
            if found := _BY_KEY.get(_key(owner, variable, of_instance)):
                return found
    return None
