"""Addresses of variables in OCPP 2.0.1's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import Pattern, VariableRef

if TYPE_CHECKING:
    from gateway.contracts import Json


def ref_from(item: Json) -> VariableRef:
    """The address in an item of a request: its ``component`` and ``variable``."""
    component, variable = item["component"], item["variable"]
    evse = component.get("evse", {})
    return VariableRef(
        component=component["name"],
        component_instance=component.get("instance"),
        evse=evse.get("id"),
        connector=evse.get("connectorId"),
        variable=variable["name"],
        variable_instance=variable.get("instance"),
    )


def pattern_from(item: Json) -> Pattern:
    """What a ComponentVariableType (Part 2, 2.17) asks for."""
    component, variable = item["component"], item.get("variable", {})
    evse = component.get("evse", {})
    return Pattern(
        component=component["name"],
        component_instance=component.get("instance"),
        evse=evse.get("id"),
        connector=evse.get("connectorId"),
        variable=variable.get("name"),
        variable_instance=variable.get("instance"),
    )


def address(ref: VariableRef) -> Json:
    """The ``component`` (ComponentType) and ``variable`` (VariableType) of a variable."""
    component = _named(ref.component, ref.component_instance)
    if ref.evse:
        component["evse"] = {"id": ref.evse, "connectorId": ref.connector} if ref.connector else {"id": ref.evse}
    return {"component": component, "variable": _named(ref.variable, ref.variable_instance)}


def echo(item: Json) -> Json:
    """The address in an item of a request as the CSMS wrote it."""
    return {name: _without_custom_data(item[name]) for name in ("component", "variable")}


def _named(name: str, instance: str | None) -> Json:
    return {"name": name, "instance": instance} if instance else {"name": name}


def _without_custom_data(part: Json) -> Json:
    return {
        key: _without_custom_data(value) if isinstance(value, dict) else value
        for key, value in part.items()
        if key != "customData"
    }
