"""Field types of family files: expressions, templates and answer patterns, parsed when the file is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from gateway.family.expression import Expression
from gateway.family.template import Template
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Plain:
    """As pydantic's PlainValidator, which would look into the type, too: an expression is no model."""

    parse: Callable[[object], object]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.parse)


def _parsed(value: object, kind: type[T], parse: Callable[[str], T]) -> T:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    try:
        return parse(value)
    except GatewayError as error:
        raise PydanticCustomError(error.code, "bad expression", error.params) from error


def _formula(value: object) -> Expression:
    """A number or a boolean stands for itself."""
    if isinstance(value, bool):
        return Expression.parse(str(value).lower())
    if isinstance(value, int | float):
        return Expression.parse(repr(value))
    return _parsed(value, Expression, Expression.parse)


def _template(value: object) -> Template:
    return _parsed(value, Template, Template.parse)


FormulaField = Annotated[
    Expression,
    _Plain(_formula),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}),
]
"""An expression over points; a number or a boolean is the simplest one."""

TemplateField = Annotated[Template, _Plain(_template), WithJsonSchema({"type": "string"})]
"""A text with placeholders."""
