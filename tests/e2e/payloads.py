"""Payloads that a schema of OCPP allows, the plainest and the oddest."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

_DATES = ("2026-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "2099-12-31T23:59:59.999+14:00")
_NUMBERS = (0, 1, 2, 99, -1, 2_147_483_647)
_DECIMALS = (0.0, 0.1, -1.5, 6.0, 1e9)
_LETTERS = ("x", "1", "Ö", "<&>", "\u2028", " ", "🔌", '"', ",")
_CHOICE = 0.5


def smallest(schema: dict[str, Any]) -> Any:
    """The smallest value that fits a JSON schema of OCPP."""
    return _smallest(schema, schema.get("definitions", {}))


def _smallest(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _smallest(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _smallest(schema["properties"][name], definitions) for name in schema.get("required", ())}
        case "array":
            return [_smallest(schema["items"], definitions) for _ in range(schema.get("minItems", 1))]
        case "string":
            return _DATES[0] if schema.get("format") == "date-time" else "x"
        case "boolean":
            return False
        case _:
            return 1


@dataclass(slots=True, kw_only=True)
class Odd:
    """Makes odd payloads, the same in every run.

    Args:
        schema: Of a request.
        seed: Of the dice.
    """

    schema: dict[str, Any]
    seed: int
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - no secret

    def make(self) -> Any:
        """One that the schema allows."""
        return self._of(self.schema)

    def _of(self, schema: dict[str, Any]) -> Any:
        dice = self._dice
        if "$ref" in schema:
            return self._of(self.schema["definitions"][schema["$ref"].rsplit("/", 1)[1]])
        if "enum" in schema:
            return dice.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                required = schema.get("required", ())
                names = [name for name in schema.get("properties", {}) if name != "customData"]
                chosen = [name for name in names if name in required or dice.random() < _CHOICE]
                return {name: self._of(schema["properties"][name]) for name in chosen}
            case "array":
                least = schema.get("minItems", 1)
                return [
                    self._of(schema["items"]) for _ in range(dice.randint(least, min(schema.get("maxItems", 3), 3)))
                ]
            case "string":
                return self._text(schema)
            case "boolean":
                return dice.random() < _CHOICE
            case "integer":
                return dice.choice(_NUMBERS)
            case "number":
                return dice.choice(_DECIMALS)
            case _:
                return dice.choice([1, "x", {"a": [None]}, ["x"]])

    def _text(self, schema: dict[str, Any]) -> str:
        dice = self._dice
        if schema.get("format") == "date-time":
            return dice.choice(_DATES)
        longest = schema.get("maxLength", 50)
        length = dice.choice([0, 1, 5, longest])
        return "".join(dice.choice(_LETTERS) for _ in range(length))[:longest]
