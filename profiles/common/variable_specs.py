"""Short ways to write down a standard variable; type and unit come from the catalogue."""

from __future__ import annotations

from dataclasses import replace

from gateway.model.catalogue import standard
from gateway.model.device import DataType, Mutability, VariableRef, VariableSpec

_LIST_LENGTH = 1000  # ConfigurationValueSize
_CSV = {DataType.MEMBER_LIST, DataType.SEQUENCE_LIST}


def fixed(
    component: str,
    variable: str,
    value: str,
    *,
    instance: str | None = None,
    values: tuple[str, ...] | None = None,
    maximum: float | None = None,
    length: int | None = None,
) -> VariableSpec:
    """A variable of the station that the box itself fixes."""
    spec = _standard(VariableRef(component=component, variable=variable, variable_instance=instance), value)
    return replace(
        spec,
        values=spec.values if values is None else values,
        max_limit=maximum,
        max_length=length,
        constant=True,
        persistent=True,
    )


def follows(component: str, variable: str, value: str, *, instance: str | None = None) -> VariableSpec:
    """A variable that only the station can change: read-only unless the station holds it."""
    spec = _standard(VariableRef(component=component, variable=variable, variable_instance=instance), value)
    return replace(spec, max_length=_LIST_LENGTH if spec.type in _CSV else None)


def writable(
    component: str,
    variable: str,
    value: str,
    *,
    instance: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    length: int | None = None,
) -> VariableSpec:
    """A variable that the CSMS sets and the box honours."""
    return replace(
        _standard(VariableRef(component=component, variable=variable, variable_instance=instance), value),
        mutability=Mutability.READ_WRITE,
        min_limit=minimum,
        max_limit=maximum,
        max_length=length,
        persistent=True,
    )


def place(
    component: str,
    variable: str,
    value: str = "",
    *,
    evse: int | None = None,
    connector: int | None = None,
    maximum: float | None = None,
    live: bool = False,
) -> VariableSpec:
    """A read-only variable of a part of the station."""
    ref = VariableRef(component=component, variable=variable, evse=evse, connector=connector)
    return replace(_standard(ref, value), max_limit=maximum, live=live)


def _standard(ref: VariableRef, default: str) -> VariableSpec:
    entry = standard(ref.component, ref.variable, ref.variable_instance)
    if entry is None:
        raise LookupError(ref.label)
    return VariableSpec(ref=ref, type=entry.type, default=default, unit=entry.unit, values=entry.values)
