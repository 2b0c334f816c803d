"""Variables in OCPP 2.0.1's JSON: their addresses, the results of asking and setting, the pages of a report."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import orjson

from gateway.model.device import Attribute, Pattern, VariableRef, timestamp
from profiles.common.replies import status_info

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from gateway.contracts import Json
    from gateway.model.device import GetResult, ReportItem, SetResult, VariableSpec

PAGE_BYTES = 16_384
"""No page of a report is longer than this, unless a single variable is."""

_PAGE_FRAME = 200  # requestId, generatedAt and so on, and the OCPP-J frame around the payload
_VALUES_LENGTH = 1000  # VariableCharacteristicsType.valuesList (Part 2, 2.51)


def ref_from(item: Json) -> VariableRef:
    """The address in an item of GetVariables or SetVariables."""
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
    """What a ComponentVariableType of GetReport asks for."""
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


def get_result(question: Json, result: GetResult, value_size: int) -> Json:
    """A GetVariableResultType."""
    answer = _echo(question, result)
    if result.value is not None:
        answer["attributeValue"] = result.value[:value_size]
    return answer


def set_result(order: Json, result: SetResult) -> Json:
    """A SetVariableResultType."""
    return _echo(order, result)


def pages(items: Iterable[ReportItem], *, request_id: int, at: datetime, value_size: int) -> Iterator[Json]:
    """The payloads of the NotifyReport messages of one report, at least one (B07.FR.03, B07.FR.10).

    Args:
        items: What is reported.
        request_id: The request that they answer.
        at: When the report was made.
        value_size: Longest value in characters; longer ones are cut (ReportingValueSize).
    """
    parts = list(_parts((report_data(item, value_size) for item in items), PAGE_BYTES - _PAGE_FRAME))
    for number, part in enumerate(parts):
        page: Json = {
            "requestId": request_id,
            "generatedAt": timestamp(at),
            "seqNo": number,
            "tbc": number < len(parts) - 1,
        }
        if part:
            page["reportData"] = part
        yield page


def report_data(item: ReportItem, value_size: int) -> Json:
    """A ReportDataType (Part 2, 2.38)."""
    spec = item.spec
    attribute: Json = {"type": Attribute.ACTUAL.value, "mutability": spec.mutability.value}
    if item.value is not None:
        attribute["value"] = item.value[:value_size]
    attribute["persistent"] = spec.kept
    attribute["constant"] = spec.constant
    return {
        "component": _component(spec.ref),
        "variable": _named(spec.ref.variable, spec.ref.variable_instance),
        "variableAttribute": [attribute],
        "variableCharacteristics": _characteristics(spec),
    }


def _characteristics(spec: VariableSpec) -> Json:
    """A VariableCharacteristicsType (Part 2, 2.51); maxLimit of a text or a list is its length."""
    out: Json = {"dataType": spec.type.value, "supportsMonitoring": spec.supports_monitoring}
    if spec.unit:
        out["unit"] = spec.unit
    if spec.min_limit is not None:
        out["minLimit"] = spec.min_limit
    upper = spec.max_limit if spec.max_limit is not None else spec.max_length
    if upper is not None:
        out["maxLimit"] = upper
    if spec.type.lists:
        out["valuesList"] = _csv(spec.values)
    return out


def _csv(values: tuple[str, ...]) -> str:
    """As many members as the field may hold: a station may have any number of its own."""
    lengths = accumulate(len(value) + 1 for value in values)
    return ",".join(value for value, length in zip(values, lengths, strict=True) if length <= _VALUES_LENGTH + 1)


def _component(ref: VariableRef) -> Json:
    component = _named(ref.component, ref.component_instance)
    if ref.evse:
        component["evse"] = {"id": ref.evse, "connectorId": ref.connector} if ref.connector else {"id": ref.evse}
    return component


def _named(name: str, instance: str | None) -> Json:
    return {"name": name, "instance": instance} if instance else {"name": name}


def _echo(item: Json, result: GetResult | SetResult) -> Json:
    """The part that both results share: the address as it was sent, and the status."""
    answer: Json = {
        "attributeType": item.get("attributeType", Attribute.ACTUAL.value),
        "attributeStatus": result.status.value,
        "component": _without_custom_data(item["component"]),
        "variable": _without_custom_data(item["variable"]),
    }
    if result.reason or result.info:
        answer["attributeStatusInfo"] = status_info(result.reason or "Unspecified", result.info)
    return answer


def _without_custom_data(part: Json) -> Json:
    return {
        key: _without_custom_data(value) if isinstance(value, dict) else value
        for key, value in part.items()
        if key != "customData"
    }


def _parts(items: Iterable[Json], limit: int) -> Iterator[list[Json]]:
    """Fill pages up to ``limit`` bytes; an empty report is one empty page."""
    part: list[Json] = []
    size = 0
    for item in items:
        length = len(orjson.dumps(item)) + 1
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    yield part
