"""Read the body of a message by its table: any order, any prefix, and with a note of all that was not as it should be.

Nothing here refuses a message: what cannot be understood is left out or defaulted, and noted.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from lxml import etree

from adapters.ocpp1x.fields import Deviation, Fields, Value
from adapters.ocpp_soap.message import Message
from adapters.ocpp_soap.scalars import read_scalar
from adapters.ocpp_soap.schema import Field, Record, Service, Table, Type
from adapters.ocpp_soap.xml_parse import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_NOTES = 50
_RAW_SHOWN = 100


def decode(table: Table, service: Service, body: _Element, zone: tzinfo = UTC) -> Message:
    """Read the body element of an envelope.

    Args:
        table: messages of the station's version.
        service: the service that the message belongs to (the called side).
        body: the child of the SOAP Body; its local name decides what it is, never an action header.
        zone: the zone of times that name none.

    Raises:
        GatewayError: ``operation-unknown``.
    """
    operation, kind = table.find(service, local_name(body.tag))
    decoder = _Decoder(zone)
    fields = decoder.record(operation.record(kind), body, "")
    return Message(operation=operation.name, kind=kind, fields=fields, deviations=tuple(decoder.notes))


class _Decoder:
    """One pass over one body."""

    __slots__ = ("_zone", "notes")

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.notes: list[Deviation] = []

    def record(self, record: Record, element: _Element, path: str) -> Fields:
        """Read a structured element."""
        found: Fields = {}
        if record.attributes:
            for key, text in element.items():
                name, raw = str(key), str(text)
                field = record.by_name.get(name)
                if field is not None and field.choices is not None and raw in field.choices.exact:
                    found[field.name] = raw  # as it should be: most of a meter's message is this
                else:
                    self._member(record, name, raw, found, path + "@")
        if record.content is not None:
            text = element.text or ""
            if not text.strip():
                self._note("missing", path + record.content.name, "")
                return {}
            value = self._scalar(record.content, text, path)
            if value is not None:
                found[record.content.name] = value
        else:
            for child in element.iterchildren("*"):
                self._child(record, child, found, path)
        if found or not path:  # an empty structure that is no message of its own is absent
            self._complete(record, found, path)
        return found

    def _child(self, record: Record, child: _Element, found: Fields, path: str) -> None:
        name = local_name(child.tag)
        field = record.by_name.get(name) or record.by_name.get(name.lower())
        if field is None:
            self._note("element-unknown", path + name, child.text or "")
            return
        value: Value | None
        if field.record is not None:
            value = self.record(field.record, child, f"{path}{field.name}/") or None
        else:
            text = _inner_xml(child) if field.verbatim else child.text or ""
            value = None if not text and _is_nil(child) else self._scalar(field, text, path + field.name)
        if value is None:
            return
        if field.many:
            items = found.setdefault(field.name, [])
            if isinstance(items, list):
                items.append(value)
        elif field.name in found:
            self._note("element-repeated", path + field.name, child.text or "")
        else:
            found[field.name] = value

    def _member(self, record: Record, name: str, raw: str, found: Fields, path: str) -> None:
        local = local_name(name)
        field = record.by_name.get(local) or record.by_name.get(local.lower())
        if field is None or field is record.content:
            return  # xsi:type and its like
        if local != name:
            self._note("attribute-namespace", path + field.name, name)
        value = self._scalar(field, raw, path + field.name)
        if value is not None:
            found[field.name] = value

    def _scalar(self, field: Field, raw: str, path: str) -> Value | None:
        if not raw or (not field.verbatim and not raw.strip()):
            return "" if field.required and field.type is Type.TEXT and not field.choices and not field.many else None
        return read_scalar(field, raw, self._zone, lambda code, text: self._note(code, path, text))

    def _complete(self, record: Record, found: Fields, path: str) -> None:
        """Default the numbers that some stations leave out when they are 0; note what else is missing."""
        for field in record.fields:
            if not field.required or field.name in found:
                continue
            if field.type is Type.INTEGER:
                found[field.name] = 0
                self._note("defaulted", path + field.name, "")
            else:
                self._note("missing", path + field.name, "")

    def _note(self, code: str, path: str, raw: str) -> None:
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(Deviation(code=code, path=path, raw=raw.strip()[:_RAW_SHOWN]))


def _is_nil(element: _Element) -> bool:
    return any(local_name(str(name)) == "nil" and value in ("true", "1") for name, value in element.attrib.items())


def _inner_xml(element: _Element) -> str:
    """All that is inside: some vendors put XML into DataTransfer without escaping it."""
    return (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
