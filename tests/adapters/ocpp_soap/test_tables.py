"""The tables say what the WSDLs say: names, order, types, lengths, enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.ocpp_soap.message import Kind
from adapters.ocpp_soap.schema import Field, Operation, Record, Service, Table, Type
from adapters.ocpp_soap.tables import TABLES, V12, V15, V16, table_for
from gateway.model.errors import GatewayError
from tests.wsdl_oracle import XSD, needs_wsdl, schemas

if TYPE_CHECKING:
    from lxml.etree import _Element

TYPES = {"s:int": Type.INTEGER, "s:boolean": Type.BOOLEAN, "s:dateTime": Type.MOMENT}
EVERY = [
    (table, service, operation, kind)
    for table in TABLES
    for service in Service
    for operation in table.operations(service)
    for kind in Kind
]


def _named(schema: _Element, kind: str, name: str) -> _Element:
    found = schema.find(f"{XSD}{kind}[@name='{name.removeprefix('tns:')}']")
    assert found is not None, name
    return found


def _compare(schema: _Element, record: Record, complex_type: _Element) -> None:
    elements = complex_type.findall(f"{XSD}sequence/{XSD}element")
    assert [element.get("name") for element in elements] == [field.name for field in record.fields]
    for element, field in zip(elements, record.fields, strict=True):
        assert (element.get("minOccurs", "1") != "0") == field.required, field.name
        assert (element.get("maxOccurs", "1") == "unbounded") == field.many, field.name
        if element.get("type") is None:
            _compare_content(schema, field, element)
        else:
            _compare_type(schema, field, str(element.get("type")))


def _compare_content(schema: _Element, field: Field, element: _Element) -> None:
    """An element with text and attributes: MeterValue's value."""
    attributes = element.findall(f".//{XSD}attribute")
    assert field.record is not None
    assert field.record.content is not None
    assert [attribute.get("name") for attribute in attributes] == [item.name for item in field.record.attributes]
    for attribute, item in zip(attributes, field.record.attributes, strict=True):
        _compare_type(schema, item, str(attribute.get("type")))


def _compare_type(schema: _Element, field: Field, type_name: str) -> None:
    if type_name.startswith("s:"):
        assert field.type is TYPES.get(type_name, Type.TEXT), field.name
        assert field.max_length == 0
    elif field.record is not None:
        _compare(schema, field.record, _named(schema, "complexType", type_name))
    else:
        simple = _named(schema, "simpleType", type_name)
        assert (field.type is Type.DECIMAL) == (simple.find(f".//{XSD}fractionDigits[@value='1']") is not None), (
            field.name
        )
        values = [str(item.get("value")) for item in simple.iter(f"{XSD}enumeration")]
        assert values == list(field.choices.values if field.choices else ()), field.name
        lengths = [int(str(item.get("value"))) for item in simple.iter(f"{XSD}maxLength")]
        assert lengths == ([field.max_length] if field.max_length else []), field.name


def _name(value: object) -> str:
    return str(getattr(value, "version", "") or getattr(value, "name", value))


@needs_wsdl
@pytest.mark.parametrize(("table", "service", "operation", "kind"), EVERY, ids=_name)
def test_table_equals_wsdl(table: Table, service: Service, operation: Operation, kind: Kind) -> None:
    schema = schemas(table.version)[table.namespace(service)]
    element = _named(schema, "element", operation.element(kind))
    _compare(schema, operation.record(kind), _named(schema, "complexType", str(element.get("type"))))


@needs_wsdl
@pytest.mark.parametrize("table", TABLES, ids=_name)
@pytest.mark.parametrize("service", Service)
def test_no_operation_of_the_wsdl_is_missing(table: Table, service: Service) -> None:
    schema = schemas(table.version)[table.namespace(service)]
    in_wsdl = {str(element.get("name")) for element in schema.findall(f"{XSD}element")} - {"chargeBoxIdentity"}
    assert in_wsdl == {operation.element(kind) for operation in table.operations(service) for kind in Kind}


def test_the_versions_have_the_operations_that_they_should() -> None:
    counts = [(len(table.central_system), len(table.charge_point)) for table in (V12, V15, V16)]
    assert counts == [(9, 9), (10, 15), (10, 19)]


def test_operation_is_found_by_body_element_in_any_capitalisation() -> None:
    operation, kind = V15.find(Service.CHARGE_POINT, "ResetConfirmation")
    assert (operation.name, kind) == ("Reset", Kind.RESPONSE)


@pytest.mark.parametrize("element", ["", "resetRequests", "triggerMessageRequest", "heartbeatRequest"])
def test_foreign_operation_is_refused(element: str) -> None:
    with pytest.raises(GatewayError) as caught:
        V15.find(Service.CHARGE_POINT, element)
    assert caught.value.code == "operation-unknown"


def test_unknown_version_is_refused() -> None:
    assert [table_for(version) for version in ("1.2", "1.5", "1.6")] == [V12, V15, V16]
    with pytest.raises(GatewayError) as caught:
        table_for("1.7")
    assert caught.value.code == "version-unknown"
