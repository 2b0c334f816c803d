"""Compiled checks of JSON schemas: jsonschema-rs where it is installed, else fastjsonschema.

Both are held to draft-04 without formats: there the two agree with each other and with what most backends check by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[dict[str, Any]], tuple[str, str] | None]
"""Gives (dotted path, broken keyword) of the first violation of a payload, or None."""
Compile = Callable[[dict[str, Any]], Check]
"""Makes the check of a schema."""
TOO_DEEP = "nesting"
"""Stands for a keyword: the payload is nested too deeply to be looked at."""

_DRAFT_04 = "http://json-schema.org/draft-04/schema#"


def compile_portable(schema: dict[str, Any]) -> Check:
    """The check by fastjsonschema: pure Python, on every processor."""
    import fastjsonschema  # noqa: PLC0415 - 3 MB that a box with jsonschema-rs need not hold

    # use_default would write default values into the payload.
    validate = fastjsonschema.compile({**schema, "$schema": _DRAFT_04}, use_formats=False, use_default=False)

    def check(payload: dict[str, Any]) -> tuple[str, str] | None:
        try:
            validate(payload)
        except RecursionError:
            return "", TOO_DEEP
        except fastjsonschema.JsonSchemaValueException as error:
            return ".".join(str(part) for part in error.path[1:]), str(error.rule)
        return None

    return check


def _native() -> Compile | None:
    try:
        import jsonschema_rs  # noqa: PLC0415 - has no wheel for 32-bit ARM
    except ImportError:
        return None

    def compile_native(schema: dict[str, Any]) -> Check:
        plain = {key: value for key, value in schema.items() if key != "$schema"}
        validator = jsonschema_rs.Draft4Validator(plain, validate_formats=False)
        is_valid = validator.is_valid

        def check(payload: dict[str, Any]) -> tuple[str, str] | None:
            try:
                if is_valid(payload):
                    return None
                first = next(iter(validator.iter_errors(payload)))
            except ValueError:  # nested deeper than it follows; no message of OCPP is
                return "", TOO_DEEP
            return ".".join(str(part) for part in first.instance_path), str(first.schema_path[-1])

        return check

    return compile_native


compile_native = _native()
"""The check by jsonschema-rs, or None where it is not installed."""
compile_check = compile_native or compile_portable
