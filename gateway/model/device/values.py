"""Values of variables: the text forms that OCPP 2.0.1 allows (Part 2, 2.1.4), and limits."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.device.results import SetResult, rejected
from gateway.model.device_types import DataType

if TYPE_CHECKING:
    from gateway.model.device.variable import VariableSpec

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,9})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,6})?")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_INT32 = range(-(2**31), 2**31)

_INVALID = "InvalidValue"
_RANGE = "ValueOutOfRange"
_TOO_LARGE = "TooLargeElement"


def refusal(spec: VariableSpec, value: str) -> SetResult | None:
    """Why a variable cannot take a value; None if it can (B05.FR.07, B05.FR.08)."""
    if not well_formed(spec.type, value):
        return rejected(_INVALID, spec.type)
    if spec.type in {DataType.INTEGER, DataType.DECIMAL}:
        return _number_refusal(spec, float(value))
    if spec.max_length is not None and len(value) > spec.max_length:
        return rejected(_TOO_LARGE, f"max {spec.max_length}")
    if spec.type.lists:
        return _list_refusal(spec, value)
    return None


def well_formed(type_: DataType, value: str) -> bool:
    """Tell whether a text is a value of the type; what is in a list is not looked at."""
    match type_:
        case DataType.BOOLEAN:
            return value in {"true", "false"}
        case DataType.INTEGER:
            return _INTEGER.fullmatch(value) is not None and int(value) in _INT32
        case DataType.DECIMAL:
            return _DECIMAL.fullmatch(value) is not None
        case DataType.DATE_TIME:
            return _is_date_time(value)
        case _:
            return True


def tidied(type_: DataType, value: str) -> str:
    """A station's own way to write a value in OCPP 2.0.1's form, as far as that is plain: " True" is "true"."""
    if type_ is DataType.STRING:
        return value
    if type_.lists:
        return ",".join(members(value))
    value = value.strip()
    return value.lower() if type_ is DataType.BOOLEAN else value


def members(value: str) -> tuple[str, ...]:
    """The members of a comma separated list, in order."""
    return tuple(part for part in (part.strip() for part in value.split(",")) if part)


def _is_date_time(value: str) -> bool:
    if not _DATE_TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _number_refusal(spec: VariableSpec, number: float) -> SetResult | None:
    if spec.min_limit is not None and number < spec.min_limit:
        return rejected(_RANGE, f"min {spec.min_limit:g}")
    if spec.max_limit is not None and number > spec.max_limit:
        return rejected(_RANGE, f"max {spec.max_limit:g}")
    return None


def _list_refusal(spec: VariableSpec, value: str) -> SetResult | None:
    if spec.type is DataType.OPTION_LIST:
        return None if value in spec.values else rejected(_INVALID, "not in valuesList")
    parts = value.split(",") if value else []
    if any(part not in spec.values for part in parts):
        return rejected(_INVALID, "not in valuesList")
    if len(set(parts)) < len(parts):
        return rejected(_INVALID, "repeated")
    return None
