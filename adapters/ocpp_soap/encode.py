"""Write the body of a message by its table: strictly as the WSDL has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp_soap.scalars import write_scalar
from adapters.ocpp_soap.xml_text import escape, escape_attribute
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.fields import Value
    from adapters.ocpp_soap.message import Kind
    from adapters.ocpp_soap.schema import Field, Operation, Record

PREFIX = "o"
"""Prefix of the service namespace; the envelope declares it."""


def encode(operation: Operation, kind: Kind, fields: Mapping[str, Value], *, millis: bool = True) -> str:
    """Write a body element.

    Args:
        operation: from the table of the station's version.
        kind: request or response.
        fields: as in `Message`; a key with an empty list is left out.
        millis: write milliseconds in times; a few stations cannot read them.

    Returns:
        The element, its namespace bound to the prefix `PREFIX`.

    Raises:
        GatewayError: ``field-missing``, ``field-unknown`` or ``field-invalid``.
    """
    parts: list[str] = []
    _write_record(operation.element(kind), operation.record(kind), fields, parts, millis=millis)
    return "".join(parts)


def _write_record(name: str, record: Record, fields: Mapping[str, Value], parts: list[str], *, millis: bool) -> None:
    known = record.by_name
    for key in fields:
        if key not in known or known[key].name != key:
            raise GatewayError("field-unknown", element=name, field=key)
    parts.append(f"<{PREFIX}:{name}")
    for field in record.attributes:
        value = fields.get(field.name)
        if value is not None:
            parts.append(f' {field.name}="{escape_attribute(write_scalar(field, value, millis=millis))}"')
    parts.append(">")
    if record.content is not None:
        parts.append(escape(write_scalar(record.content, _needed(name, record.content, fields), millis=millis)))
    for field in record.fields:
        _write_field(name, field, fields, parts, millis=millis)
    parts.append(f"</{PREFIX}:{name}>")


def _write_field(parent: str, field: Field, fields: Mapping[str, Value], parts: list[str], *, millis: bool) -> None:
    value = fields.get(field.name)
    if not field.required and (value is None or value == []):
        return
    value = _needed(parent, field, fields)
    items = value if field.many and isinstance(value, list) else [value]
    if field.required and not items:
        raise GatewayError("field-missing", element=parent, field=field.name)
    for item in items:
        if field.record is None:
            text = escape(write_scalar(field, item, millis=millis))
            parts.append(f"<{PREFIX}:{field.name}>{text}</{PREFIX}:{field.name}>")
        elif isinstance(item, dict):
            _write_record(field.name, field.record, item, parts, millis=millis)
        else:
            raise GatewayError("field-invalid", field=field.name, value=str(item)[:80])


def _needed(parent: str, field: Field, fields: Mapping[str, Value]) -> Value:
    value = fields.get(field.name)
    if value is None:
        raise GatewayError("field-missing", element=parent, field=field.name)
    return value
