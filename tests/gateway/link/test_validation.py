"""Payloads against the schemas of OCPP 2.0.1, by both validators."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.link import checkers
from gateway.link.checkers import compile_portable
from gateway.link.rpc import ErrorCode
from gateway.link.validation import Direction, Schemas
from tests.gateway.link.fakes import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
PORTABLE = Schemas.load(compile_portable)


@pytest.mark.parametrize("schemas", [SCHEMAS, PORTABLE], ids=["default", "portable"])
@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({}, None, ""),
        ({"chargingStation": {"model": "M"}}, ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION, "chargingStation"),
        ({"reason": 7}, ErrorCode.TYPE_CONSTRAINT_VIOLATION, "reason"),
        ({"reason": "Boredom"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, "reason"),
        (
            {"chargingStation": {"model": "M" * 21, "vendorName": "V"}},
            ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
            "chargingStation.model",
        ),
        ({"colour": "red"}, ErrorCode.FORMAT_VIOLATION, ""),
    ],
)
def test_violated_rules_have_their_error_code(
    schemas: Schemas, change: dict[str, Any], code: ErrorCode | None, path: str
) -> None:
    violation = schemas.validate("BootNotification", Direction.REQUEST, {**BOOT, **change})
    if code is None:
        assert violation is None
    else:
        assert violation is not None
        assert (violation.code, violation.path) == (code, path)


def test_too_few_of_many_violates_occurrence() -> None:
    violation = SCHEMAS.validate("GetVariables", Direction.REQUEST, {"getVariableData": []})
    assert violation is not None
    assert violation.code is ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION
    assert str(violation) == "getVariableData: minItems"


def test_action_of_another_version_is_not_implemented() -> None:
    assert not SCHEMAS.knows("MeterValuesOfTheFuture")
    violation = SCHEMAS.validate("RemoteStartTransaction", Direction.REQUEST, {})
    assert violation is not None
    assert violation.code is ErrorCode.NOT_IMPLEMENTED


def test_all_actions_are_known() -> None:
    assert len(SCHEMAS.actions) == 64
    assert all(SCHEMAS.knows(action) for action in SCHEMAS.actions)


def test_violation_names_no_value() -> None:
    violation = SCHEMAS.validate("BootNotification", Direction.REQUEST, {**BOOT, "reason": "secret"})
    assert "secret" not in str(violation)


@pytest.mark.parametrize("schemas", [SCHEMAS, PORTABLE], ids=["default", "portable"])
def test_bottomless_payload_is_a_violation_and_no_error(schemas: Schemas) -> None:
    data: Any = "x"
    for _ in range(5000):
        data = [data]
    payload = {"idToken": {"idToken": data, "type": "Central"}}
    violation = schemas.validate("Authorize", Direction.REQUEST, payload)
    assert violation is not None
    assert violation.code in {ErrorCode.FORMAT_VIOLATION, ErrorCode.TYPE_CONSTRAINT_VIOLATION}


def _sample(schema: dict[str, Any], root: dict[str, Any], depth: int = 0) -> Any:
    """A payload with every property of a schema."""
    if "$ref" in schema:
        return _sample(root["definitions"][schema["$ref"].rsplit("/", 1)[1]], root, depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        required = schema.get("required", ())
        properties = {k: v for k, v in schema.get("properties", {}).items() if depth < 6 or k in required}
        return {key: _sample(value, root, depth) for key, value in properties.items()}
    if kind == "array":
        return [_sample(schema["items"], root, depth)] * schema.get("minItems", 1)
    return {"string": "2025-03-01T12:00:00Z"[: schema.get("maxLength", 99)], "integer": 1, "number": 1.5}.get(
        str(kind), True
    )


def _mutants(value: Any) -> Iterator[Any]:
    """Copies of a value, each with one thing wrong or odd."""
    odd: Any
    for odd in (None, 1, 1.0, -1, "x" * 11_000, "", True, [], {}):
        if type(odd) is not type(value) or odd != value:
            yield odd
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
            for mutant in _mutants(value[key]):
                yield {**value, key: mutant}
    elif isinstance(value, list) and value:
        yield value * 60
        for mutant in _mutants(value[0]):
            yield [mutant, *value[1:]]


@pytest.mark.skipif(checkers.compile_native is None, reason="jsonschema-rs is not installed")
@pytest.mark.parametrize("direction", Direction)
def test_both_validators_agree(direction: Direction) -> None:
    count = 0
    for action in sorted(SCHEMAS.actions):
        schema = json.loads(SCHEMAS._texts[action, direction])
        sample = _sample(schema, schema)
        assert SCHEMAS.validate(action, direction, sample) is None
        for index, mutant in enumerate(_mutants(sample)):
            if not isinstance(mutant, dict):
                continue
            count += 1
            before = copy.deepcopy(mutant) if index % 50 == 0 else None
            native = SCHEMAS.validate(action, direction, mutant)
            portable = PORTABLE.validate(action, direction, mutant)
            assert (native is None) == (portable is None), (action, native, portable)
            if native is not None and portable is not None:
                assert native.path == portable.path, (action, native, portable)
            assert before is None or before == mutant
    assert count > 800
