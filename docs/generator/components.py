"""The page of components and variables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.catalogue import FOUNDING_NAMES, standard
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation
from gateway.model.station import StationIdentity, StationState
from generator.tables import page, table
from profiles.core.variables import core_variables
from profiles.security.variables import security_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gateway.model.catalogue import FoundingName
    from gateway.model.device import VariableSpec

_TEST = "tests/e2e/test_components.py::test_component"
LOGICAL = frozenset(
    {"DisplayMessageCtrlr", "LocalAuthListCtrlr", "ReservationCtrlr", "SmartChargingCtrlr", "TariffCostCtrlr"}
)
"""Components of further profiles."""

_AT = datetime(2024, 1, 1, tzinfo=UTC)
_EXAMPLE = StationState(
    id="AT-0001",
    identity=StationIdentity(
        vendor="Vendor", model="Model", serial="1", box_serial="2", firmware="3", iccid="4", imsi="5", meter_type="6",
        meter_serial="7",
    ),
    connectors=(ConnectorState(evse=1, connector=1, reported=ConnectorStatus.AVAILABLE, at=_AT),),
)  # fmt: skip
"""A station with every kind of part, so that every variable shows up."""


def components_page() -> str:
    """Component names, and the variables of every station."""
    own = {spec.ref.component for spec in _all_variables()} | LOGICAL
    names = (
        (
            n.name,
            "x" if n.ac else "",
            "x" if n.dc else "",
            n.component or "none",
            n.mapped.value,
            _source(n, own),
            f"`{_TEST}[{n.name}]`",
        )
        for n in sorted(FOUNDING_NAMES, key=lambda n: n.name.casefold())
    )
    return page(
        "Components and variables",
        "A site file may use a component's name of OCPP 2.0 Release Candidate 2 or its OCPP 2.0.1 name.",
        "On the wire it is always the OCPP 2.0.1 name. One that OCPP 2.0.1 has no component for goes by its older name.",
        "",
        "- station, box: it is there without any sensor: what the station tells, or what the box does. A sensor may add to it.",
        "- sensor: it is there where `[[sensor]]` of the site file names it; docs/reference/sensors.md.",
        "",
        "## Names",
        "",
        *table(("Older name", "AC", "DC", "OCPP 2.0.1", "Relation", "Source", "Test"), names),
        "",
        "## Variables of every station",
        "",
        "Each station has these from the profiles core and security. `live` values follow the station. What is marked `station` can",
        "only be set where the station itself holds the setting; otherwise it is read-only. A setting of the station",
        "that OCPP 2.0.1 has no variable for is a variable of the component `LegacyStation`, under the station's own name.",
        "",
        *table(
            ("Component", "Variable", "Place", "Type", "Unit", "Writable", "First value", "Limits"),
            _variable_rows(_all_variables()),
        ),
    )


def _source(name: FoundingName, own: Collection[str]) -> str:
    return "station, box" if name.component in own else "sensor"


def _all_variables() -> Iterable[VariableSpec]:
    """The variables of the profiles core and security; where both define one, the latter counts."""
    return {spec.ref.key: spec for spec in (*core_variables(_EXAMPLE), *security_variables(Installation()))}.values()


def _variable_rows(specs: Iterable[VariableSpec]) -> Iterator[tuple[str, ...]]:
    """One row for each variable, wherever in the station it is."""
    places: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], VariableSpec] = {}
    for spec in specs:
        ref = spec.ref
        name = ref.variable + (f"[{ref.variable_instance}]" if ref.variable_instance else "")
        places.setdefault((ref.component, name), []).append(
            "connector" if ref.connector else "EVSE" if ref.evse else "station"
        )
        first.setdefault((ref.component, name), spec)
    for key in sorted(first, key=lambda key: (key[0].casefold(), key[1].casefold())):
        spec = first[key]
        value = "live" if spec.live else "from the station" if _is_example(spec) else spec.default
        value = "from the site file" if spec.default == _EXAMPLE.id else value
        where = ", ".join(dict.fromkeys(places[key]))
        yield (*key, where, spec.type.value, spec.unit, _writable(spec), value, _limits(spec))


def _is_example(spec: VariableSpec) -> bool:
    return spec.ref.variable in {"VendorName", "Model", "SerialNumber", "FirmwareVersion", "ICCID", "IMSI"}


def _writable(spec: VariableSpec) -> str:
    if spec.writable:
        return "yes"
    entry = standard(spec.ref.component, spec.ref.variable, spec.ref.variable_instance)
    could_be = entry is not None and any(mutability.value == "ReadWrite" for mutability in entry.mutabilities)
    return "station" if could_be and not spec.constant and not spec.live else ""


def _limits(spec: VariableSpec) -> str:
    low, high = spec.min_limit, spec.max_limit
    parts = [f"{sign} {limit:g}" for sign, limit in (("from", low), ("to", high)) if limit is not None]
    if spec.max_length is not None and not spec.type.lists:
        parts.append(f"{spec.max_length} characters")
    return " ".join(parts)
