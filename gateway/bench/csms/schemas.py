"""Validation of OCPP 2.0.1 payloads against the schemas that the ``ocpp`` package carries as data."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import fastjsonschema
import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SUFFIXES = ("Request", "Response")
_CODES = {
    "required": "OccurrenceConstraintViolation",
    "minItems": "OccurrenceConstraintViolation",
    "maxItems": "OccurrenceConstraintViolation",
    "type": "TypeConstraintViolation",
    "additionalProperties": "FormatViolation",
    "enum": "PropertyConstraintViolation",
    "maxLength": "PropertyConstraintViolation",
    "minimum": "PropertyConstraintViolation",
    "maximum": "PropertyConstraintViolation",
    "format": "PropertyConstraintViolation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaError:
    """The first thing that is wrong with a payload.

    Args:
        code: error code as OCPP-J 2.0.1 (part 4, section 4.3) names it.
        path: where, for example ``transactionInfo.transactionId``.
        text: what, in English.
    """

    code: str
    path: str
    text: str


class Schemas:
    """All messages of OCPP 2.0.1; each schema is compiled when it is first needed.

    Args:
        texts: JSON Schema by message name, for example ``BootNotificationRequest``.
    """

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts
        self._compiled: dict[str, Callable[[Any], Any]] = {}

    def knows(self, action: str) -> bool:
        """Tell whether OCPP 2.0.1 has the action."""
        return action + "Request" in self._texts

    def check(self, action: str, suffix: str, payload: object) -> SchemaError | None:
        """Validate a payload.

        Args:
            action: a known action.
            suffix: ``Request`` or ``Response``.
            payload: what came.
        """
        name = action + suffix
        if name not in self._compiled:
            self._compiled[name] = fastjsonschema.compile(orjson.loads(self._texts[name]), use_default=False)
        try:
            self._compiled[name](payload)
        except fastjsonschema.JsonSchemaValueException as error:
            path = ".".join(str(part) for part in error.path[1:])
            return SchemaError(
                code=_CODES.get(str(error.rule), "FormatViolation"), path=path, text=str(error.message)[:255]
            )
        return None


def load() -> Schemas:
    """Read the schemas. Blocks."""
    folder = files("ocpp").joinpath("v201", "schemas")
    return Schemas(
        {
            entry.name.removesuffix(".json"): entry.read_bytes().removeprefix(b"\xef\xbb\xbf")
            for entry in folder.iterdir()
            if entry.name.removesuffix(".json").endswith(_SUFFIXES)
        }
    )
