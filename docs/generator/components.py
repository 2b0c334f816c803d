"""The page of components and variables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.catalogue import FOUNDING_NAMES, standard
from gateway.model.equipment import of_box
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation
from gateway.model.station import StationIdentity, StationState
from gateway.sensing.own import own_equipment
from generator.tables import page, table
from profiles.core.variables import core_variables
from profiles.equipment.self_test import self_test_variables
from profiles.security.variables import security_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gateway.model.catalogue import FoundingName
    from gateway.model.device import VariableSpec

_TEST = "tests/e2e/test_components.py::test_component"
_LOGICAL = frozenset(
    {
        "AuthCacheCtrlr", "DisplayMessageCtrlr", "LocalAuthListCtrlr", "ReservationCtrlr", "SmartChargingCtrlr",
        "TariffCostCtrlr",
    }
)  # fmt: skip
"""Logical elements: what the box does."""

_ELSEWHERE = {
    "EVChargingSession": ("station, box", "TxCtrlr; TransactionEvent"),
    "Firmware": ("station, box", "Controller.FirmwareVersion; Controller[Box].FirmwareVersion"),
    "OtherComponent": ("sensor", "any name: that of `component` of the sensor"),
    "Selftester": ("box", "Controller[Box].SelftestActive, .Problem, .SelftestFindings, .SelftestLast"),
}
"""Older names without a component: what there is instead."""

_OF_BOX = {
    "Clock": ("box", "ClockCtrlr; RealTimeClock"),
    "Controller": ("station, box", "Controller is the station's, Controller[Box] the box"),
    "RadioLink": ("station, box", "DataLink is the station's, DataLink[RadioLink] the box's"),
    "WiredLink": ("station, box", "DataLink is the station's, DataLink[WiredLink] the box's"),
}
"""Components of the box itself, by their older names."""

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
    station = {spec.ref.component for spec in _all_variables()}
    names = (
        (
            n.name,
            "x" if n.ac else "",
            "x" if n.dc else "",
            _wire_name(n),
            n.mapped.value,
            _source(n, station),
            f"`{_TEST}[{n.name}]`",
        )
        for n in sorted(FOUNDING_NAMES, key=lambda n: n.name.casefold())
    )
    return page(
        "Components and variables",
        "A site file may use a component's name of OCPP 2.0 Release Candidate 2 or its OCPP 2.0.1 name.",
        "On the wire it is always the OCPP 2.0.1 name. A sensor of a name that OCPP 2.0.1 has no component for goes by that name.",
        "",
        "- station: what the station tells, without any sensor. A sensor may add to it.",
        "- box: what the box tells of itself, without any sensor.",
        "- logical: what the box does.",
        "- sensor: it is there where `[[sensor]]` of the site file names it; docs/reference/sensors.md.",
        "",
        "## Names",
        "",
        *table(("Older name", "AC", "DC", "OCPP 2.0.1", "Relation", "Source", "Test"), names),
        "",
        "## Variables of every station",
        "",
        "Each station has these from the profiles core and security, and of the box. `live` values follow the station, or the box. What is marked `station` can",
        "only be set where the station itself holds the setting; otherwise it is read-only. A setting of the station",
        "that OCPP 2.0.1 has no variable for is a variable of the component `LegacyStation`, under the station's own name.",
        "",
        *table(
            ("Component", "Variable", "Place", "Type", "Unit", "Writable", "First value", "Limits"),
            _variable_rows(_all_variables()),
        ),
    )


def _wire_name(name: FoundingName) -> str:
    found = _ELSEWHERE.get(name.name) or _OF_BOX.get(name.name)
    return found[1] if found else name.component or "none"


def _source(name: FoundingName, station: Collection[str]) -> str:
    found = _ELSEWHERE.get(name.name) or _OF_BOX.get(name.name)
    if found:
        return found[0]
    if name.component in _LOGICAL:
        return "logical"
    return "station" if name.component in station else "sensor"


def _all_variables() -> Iterable[VariableSpec]:
    """The variables of the profiles core and security, and of the box; of one with several definitions the last counts."""
    several = (
        *core_variables(_EXAMPLE),
        *security_variables(Installation()),
        *own_equipment(),
        *self_test_variables(),
    )
    return {spec.ref.key: spec for spec in several}.values()


def _variable_rows(specs: Iterable[VariableSpec]) -> Iterator[tuple[str, ...]]:
    """One row for each variable, wherever in the station it is."""
    places: dict[tuple[str, str], list[str]] = {}
    first: dict[tuple[str, str], VariableSpec] = {}
    for spec in specs:
        ref = spec.ref
        name = ref.variable + (f"[{ref.variable_instance}]" if ref.variable_instance else "")
        component = ref.component + (f"[{ref.component_instance}]" if ref.component_instance else "")
        places.setdefault((component, name), []).append(
            "connector" if ref.connector else "EVSE" if ref.evse else "station"
        )
        first.setdefault((component, name), spec)
    for key in sorted(first, key=lambda key: (key[0].casefold(), key[1].casefold())):
        spec = first[key]
        value = "live" if spec.live else "from the station" if _is_example(spec) else spec.default
        value = "from the site file" if spec.default == _EXAMPLE.id else value
        value = "that of the box" if spec.ref == of_box("FirmwareVersion") else value
        where = ", ".join(dict.fromkeys(places[key]))
        yield (*key, where, spec.type.value, spec.unit, _writable(spec), value, _limits(spec))


def _is_example(spec: VariableSpec) -> bool:
    return spec.ref.component_instance is None and spec.ref.variable in {
        "VendorName",
        "Model",
        "SerialNumber",
        "FirmwareVersion",
        "ICCID",
        "IMSI",
    }


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
