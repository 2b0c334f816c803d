"""The settings that a station itself holds, as variables of its device model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.model.catalogue import standard
from gateway.model.device.values import members, tidied
from gateway.model.device.variable import VariableRef, VariableSpec
from gateway.model.device_types import Mutability

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model.events import StationVariable

LEGACY_STATION = "LegacyStation"
"""The component of every setting that OCPP 2.0.1 has no variable for."""

_NAME_LENGTH = 50  # VariableType.name (Part 2, 2.53)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All variables, with the values and own keys of those that the station holds; by ``VariableRef.key``."""

    specs: Mapping[str, VariableSpec]
    values: Mapping[str, str]
    keys: Mapping[str, str]


def merged(own: Iterable[VariableSpec], station: Iterable[StationVariable]) -> Held:
    """Put what the station holds beside, or in the place of, what the box has.

    A standard variable that the station holds has the station's value and mutability; one that the station cannot tell
    the value of is write-only, and what the box assumes of it stays. What the box fixes itself
    (constant or live), and a second setting for the same variable, become variables of ``LegacyStation``.
    """
    specs = {spec.ref.key: spec for spec in own}
    values: dict[str, str] = {}
    keys: dict[str, str] = {}
    for variable in station:
        spec = _standard_spec(variable, specs)
        if spec is None or spec.ref.key in keys:
            spec = VariableSpec(ref=_own_ref(variable))
        keys[spec.ref.key] = variable.key
        if variable.unread:
            specs[spec.ref.key] = replace(spec, mutability=Mutability.WRITE_ONLY, persistent=True)
            continue
        value = tidied(spec.type, variable.value)
        specs[spec.ref.key] = replace(
            spec,
            mutability=Mutability.READ_ONLY if variable.read_only else Mutability.READ_WRITE,
            values=tuple(dict.fromkeys((*spec.values, *members(value)))) if spec.type.lists else (),
            persistent=True,
        )
        values[spec.ref.key] = value
    return Held(specs=specs, values=values, keys=keys)


def _own_ref(variable: StationVariable) -> VariableRef:
    """The address of a setting that no standard variable is, or whose variable is taken."""
    name = variable.variable if variable.component == LEGACY_STATION else variable.key
    return VariableRef(component=LEGACY_STATION, variable=name[:_NAME_LENGTH], evse=variable.evse or None)


def _standard_spec(variable: StationVariable, specs: Mapping[str, VariableSpec]) -> VariableSpec | None:
    if variable.component == LEGACY_STATION:
        return None
    ref = VariableRef(
        component=variable.component,
        variable=variable.variable,
        variable_instance=variable.variable_instance,
        evse=variable.evse or None,
    )
    if spec := specs.get(ref.key):
        return None if spec.constant or spec.live else spec
    entry = standard(variable.component, variable.variable, variable.variable_instance)
    return VariableSpec(ref=ref, type=entry.type, unit=entry.unit, values=entry.values) if entry else None
