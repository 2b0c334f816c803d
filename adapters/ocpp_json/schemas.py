"""The JSON schemas of OCPP 1.6 and of its security extension, compiled when they are first needed."""

from __future__ import annotations

from enum import StrEnum
from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.contracts import Json

    Check = Callable[[Json], tuple[str, str] | None]
    """Gives (dotted path, broken keyword) of the first violation of a payload, or None."""

_BOM = b"\xef\xbb\xbf"
_DRAFT_04 = "http://json-schema.org/draft-04/schema#"


class Direction(StrEnum):
    """The two halves of an action, as the ending of its file's name."""

    REQUEST = ""
    RESPONSE = "Response"


class Schemas:
    """Schemas by action and direction.

    Args:
        texts: their JSON.
        compile_: makes a check of a schema; the fastest that is installed if absent.
    """

    def __init__(
        self, texts: Mapping[tuple[str, Direction], bytes], compile_: Callable[[Json], Check] | None = None
    ) -> None:
        self._texts = texts
        self._compile = compile_ or compile_check
        self._read: dict[tuple[str, Direction], tuple[Json, Check]] = {}

    @classmethod
    def load(cls, compile_: Callable[[Json], Check] | None = None) -> Schemas:
        """Take the schemas that the ``ocpp`` package carries. Reads files."""
        texts: dict[tuple[str, Direction], bytes] = {}
        for file in (resources.files("ocpp") / "v16" / "schemas").iterdir():
            name = file.name.removesuffix(".json")
            direction = Direction.RESPONSE if name.endswith(Direction.RESPONSE) else Direction.REQUEST
            texts[name.removesuffix(direction), direction] = file.read_bytes().removeprefix(_BOM)
        return cls(texts, compile_)

    def knows(self, action: str) -> bool:
        """True if OCPP 1.6 or its security extension has this action."""
        return (action, Direction.REQUEST) in self._texts

    def schema(self, action: str, direction: Direction) -> Json:
        """The schema itself; the action is one that is known."""
        return self._entry(action, direction)[0]

    def violation(self, action: str, direction: Direction, payload: Json) -> tuple[str, str] | None:
        """(dotted path, broken keyword) of what is wrong with a payload first, or None; the action is known."""
        return self._entry(action, direction)[1](payload)

    def _entry(self, action: str, direction: Direction) -> tuple[Json, Check]:
        key = (action, direction)
        if key not in self._read:
            schema = orjson.loads(self._texts[key])
            self._read[key] = schema, self._compile(schema)
        return self._read[key]


def compile_portable(schema: Json) -> Check:
    """The check by fastjsonschema: pure Python, on every processor."""
    import fastjsonschema  # noqa: PLC0415 - 3 MB that a box with jsonschema-rs need not hold

    # use_default would write default values into the payload.
    validate = fastjsonschema.compile({**schema, "$schema": _DRAFT_04}, use_formats=False, use_default=False)

    def check(payload: Json) -> tuple[str, str] | None:
        try:
            validate(payload)
        except fastjsonschema.JsonSchemaValueException as error:
            return ".".join(str(part) for part in error.path[1:]), str(error.rule)
        return None

    return check


def _native() -> Callable[[Json], Check] | None:
    try:
        import jsonschema_rs  # noqa: PLC0415 - has no wheel for 32-bit ARM
    except ImportError:
        return None

    def compile_native(schema: Json) -> Check:
        plain: dict[str, Any] = {key: value for key, value in schema.items() if key not in ("$schema", "id", "$id")}
        validator = jsonschema_rs.Draft4Validator(plain, validate_formats=False)

        def check(payload: Json) -> tuple[str, str] | None:
            if validator.is_valid(payload):
                return None
            first = next(iter(validator.iter_errors(payload)))
            return ".".join(str(part) for part in first.instance_path), str(first.schema_path[-1])

        return check

    return compile_native


compile_native = _native()
"""The check by jsonschema-rs, or None where it is not installed."""
compile_check = compile_native or compile_portable
