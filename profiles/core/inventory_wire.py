"""Variables in OCPP 2.0.1's JSON: the results of asking and setting, the pages of a report."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from gateway.model.device import Attribute, timestamp
from profiles.common.addresses import address, echo
from profiles.common.paging import parts
from profiles.common.replies import status_info

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from gateway.contracts import Json
    from gateway.model.device import GetResult, ReportItem, SetResult, VariableSpec

_VALUES_LENGTH = 1000  # VariableCharacteristicsType.valuesList (Part 2, 2.51)


def get_result(question: Json, result: GetResult, value_size: int) -> Json:
    """A GetVariableResultType."""
    answer = _echo(question, result)
    if result.value is not None:
        answer["attributeValue"] = result.value[:value_size]
    return answer


def set_result(order: Json, result: SetResult) -> Json:
    """A SetVariableResultType."""
    return _echo(order, result)


def pages(data: Iterable[Json], *, request_id: int, at: datetime) -> Iterator[Json]:
    """The payloads of the NotifyReport messages of one report, at least one (B07.FR.03, B07.FR.10).

    Args:
        data: What is reported: a ReportDataType for each variable.
        request_id: The request that they answer.
        at: When the report was made.
    """
    found = parts(data)
    for number, part in enumerate(found):
        page: Json = {
            "requestId": request_id,
            "generatedAt": timestamp(at),
            "seqNo": number,
            "tbc": number < len(found) - 1,
        }
        if part:
            page["reportData"] = part
        yield page


def report_data(item: ReportItem, value_size: int, *, monitoring: bool = False) -> Json:
    """A ReportDataType (Part 2, 2.38).

    Args:
        item: A variable.
        value_size: Longest value in characters; a longer one is cut (ReportingValueSize).
        monitoring: Whether variables can be monitored.
    """
    spec = item.spec
    attribute: Json = {"type": Attribute.ACTUAL.value, "mutability": spec.mutability.value}
    if item.value is not None:
        attribute["value"] = item.value[:value_size]
    attribute["persistent"] = spec.kept
    attribute["constant"] = spec.constant
    return {
        **address(spec.ref),
        "variableAttribute": [attribute],
        "variableCharacteristics": _characteristics(spec, monitoring=monitoring),
    }


def _characteristics(spec: VariableSpec, *, monitoring: bool) -> Json:
    """A VariableCharacteristicsType (Part 2, 2.51); maxLimit of a text or a list is its length."""
    out: Json = {"dataType": spec.type.value, "supportsMonitoring": monitoring}
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


def _echo(item: Json, result: GetResult | SetResult) -> Json:
    """The part that both results share: the address as it was sent, and the status."""
    answer: Json = {
        "attributeType": item.get("attributeType", Attribute.ACTUAL.value),
        "attributeStatus": result.status.value,
        **echo(item),
    }
    if result.reason or result.info:
        answer["attributeStatusInfo"] = status_info(result.reason or "Unspecified", result.info)
    return answer
