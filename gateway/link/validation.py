"""Payloads against the JSON schemas of OCPP 2.0.1 (Part 3), which the ``ocpp`` package brings as data files."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.link.checkers import TOO_DEEP, compile_check
from gateway.link.jsontext import decode
from gateway.link.rpc import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Json
    from gateway.link.checkers import Check, Compile

_BOM = b"\xef\xbb\xbf"
_CODES = {
    "required": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "maxItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "additionalItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "additionalProperties": ErrorCode.FORMAT_VIOLATION,
    "format": ErrorCode.FORMAT_VIOLATION,
    TOO_DEEP: ErrorCode.FORMAT_VIOLATION,
}


class Direction(Enum):
    """Which half of an action a payload is."""

    REQUEST = "Request"
    RESPONSE = "Response"


@dataclass(frozen=True, slots=True)
class Violation:
    """The first thing wrong with a payload: never its values, which may be personal.

    ``path`` is dotted from the payload ("" is the payload itself), ``keyword`` the schema's rule that is broken.
    """

    code: ErrorCode
    path: str
    keyword: str

    @override
    def __str__(self) -> str:
        return f"{self.path or 'payload'}: {self.keyword}"


class Schemas:
    """The schemas of all messages; each is compiled when it is first used.

    Args:
        texts: (action, direction) -> JSON schema.
        compile_: makes a check of a schema.
    """

    def __init__(self, texts: Mapping[tuple[str, Direction], bytes], compile_: Compile = compile_check) -> None:
        self._texts = texts
        self._compile = compile_
        self._checks: dict[tuple[str, Direction], Check] = {}

    @classmethod
    def load(cls, compile_: Compile = compile_check) -> Schemas:
        """Read the schemas (128 files, 360 kB). Blocks: call it before the event loop runs."""
        texts = {}
        for file in (files("ocpp") / "v201" / "schemas").iterdir():
            for direction in Direction:
                action = file.name.removesuffix(f"{direction.value}.json")
                if action != file.name:
                    texts[action, direction] = file.read_bytes().removeprefix(_BOM)
        return cls(texts, compile_)

    @property
    def actions(self) -> frozenset[str]:
        """Every action of OCPP 2.0.1."""
        return frozenset(action for action, _ in self._texts)

    def knows(self, action: str) -> bool:
        """True if OCPP 2.0.1 has this action; one that it has not is answered NotImplemented (Part 4, 4.3)."""
        return (action, Direction.REQUEST) in self._texts

    def validate(self, action: str, direction: Direction, payload: Json) -> Violation | None:
        """What is wrong with a payload, or None.

        Args:
            action: an action that ``knows`` knows; any other violates NotImplemented.
            direction: request or response.
            payload: wire form (camelCase).
        """
        key = (action, direction)
        check = self._checks.get(key)
        if check is None:
            if key not in self._texts:
                return Violation(ErrorCode.NOT_IMPLEMENTED, "", "action")
            check = self._checks[key] = self._compile(decode(self._texts[key]))
        broken = check(payload)
        if broken is None:
            return None
        path, keyword = broken
        return Violation(_CODES.get(keyword, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION), path, keyword)
