"""``when = "Temperature > 60"``: a variable compared with a value, as a technician writes it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, InstanceOf, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError
from typing_extensions import override

Comparison = Literal["==", "!=", ">", ">=", "<", "<="]

_FORM = re.compile(r"\s*(?P<variable>[A-Za-z][A-Za-z0-9]*)\s*(?P<how>==|!=|>=|<=|>|<)\s*(?P<value>\S+)\s*")
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison; orders (``>`` ...) are of numbers only."""

    variable: str
    how: Comparison
    value: bool | float | str

    @override
    def __str__(self) -> str:
        value = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{self.variable} {self.how} {value if isinstance(value, str) else f'{value:g}'}"

    def holds(self, value: bool | float | str | None) -> bool | None:  # noqa: FBT001 - a value of a variable
        """Whether a value meets it; None where there is no value, or one of another kind."""
        if value is None or isinstance(value, str) is not isinstance(self.value, str):
            return None
        match self.how:
            case "==":
                return value == self.value
            case "!=":
                return value != self.value
        if isinstance(value, str) or isinstance(self.value, str):
            return None
        return {">": value > self.value, ">=": value >= self.value, "<": value < self.value}.get(
            self.how, value <= self.value
        )


def _condition(value: object) -> Condition:
    if isinstance(value, Condition):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    found = _FORM.fullmatch(value)
    if found is None:
        raise PydanticCustomError("condition-form", "not a comparison", {"value": value})
    text = found["value"]
    constant: bool | float | str = _WORDS.get(text.lower(), text.strip("\"'"))
    if isinstance(constant, str):
        with contextlib.suppress(ValueError):
            constant = float(text)
    how: Comparison = found["how"]  # type: ignore[assignment]  # the pattern has just these
    if how not in {"==", "!="} and (isinstance(constant, bool | str)):
        raise PydanticCustomError("condition-order", "an order of no number", {"value": value})
    return Condition(found["variable"], how, constant)


When = Annotated[InstanceOf[Condition], BeforeValidator(_condition), WithJsonSchema({"type": "string"})]
"""A comparison such as ``Active == true`` or ``Temperature > 60``."""
