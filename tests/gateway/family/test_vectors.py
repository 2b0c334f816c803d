"""What was recorded on the wire means what the family file says, or the check tells what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.family.vectors import agrees, check
from tests.gateway.family.families import KINDS, family_file, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.family.vectors import VectorResult


def only(tmp_path: Path, kind: str, vector: str) -> VectorResult:
    (result,) = check(family_file(tmp_path, text_of(kind, f"[[vector]]\n{vector}")))
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_good_vectors_are_good(kind: str, tmp_path: Path) -> None:
    results = check(family_file(tmp_path, text_of(kind)))
    assert [each.number for each in results] == list(range(1, len(results) + 1))
    assert [each for each in results if not each.ok] == []


def test_a_wrong_value_is_shown_with_what_was_found(tmp_path: Path) -> None:
    result = only(tmp_path, "modbus", "fc = 4\nat = 10\nregs = [230, 231, 229]\nexpect = { voltage = [230, 231, 228] }")
    assert not result.ok
    assert result.expected == {"voltage": [230, 231, 228]}
    assert result.found == {"voltage": (230, 231, 229)}


def test_a_point_outside_of_what_was_read_has_no_value(tmp_path: Path) -> None:
    result = only(tmp_path, "modbus", "fc = 4\nat = 10\nregs = [230, 231]\nexpect = { voltage = [230, 231, 229] }")
    assert not result.ok
    assert result.found == {"voltage": None}


def test_a_write_that_differs_shows_what_would_be_sent(tmp_path: Path) -> None:
    result = only(tmp_path, "modbus", "fc = 6\nat = 261\nregs = [60]\nexpect_write = { limit = 7 }")
    assert not result.ok
    assert result.found == {"limit": "fc = 6/16, at = 261, regs = [70]"}


def test_the_function_code_of_a_write_counts(tmp_path: Path) -> None:
    result = only(tmp_path, "modbus", "fc = 6\nat = 258\nregs = [4]\nexpect_write = { standby = 4 }")
    assert not result.ok


@pytest.mark.parametrize(
    ("kind", "vector", "code"),
    [
        ("modbus", 'tx = "02 04 00 11 00 02 21 fe"', "answer-checksum"),
        ("modbus", 'tx = "02 04 00 11 00 02 21 fd"\nrx = "02 04 04 00 00 c9 4a 1f 24"', "answer-checksum"),
        ("modbus", 'tx = "02 04 00 0a 00 03 90 3a"\nrx = "02 04 04 00 00 c9 4a 1f 23"', "vector-format"),
        ("modbus", 'tx = "02 04 0"', "vector-format"),
        ("modbus", 'tx = ""', "vector-format"),
        ("modbus", 'frame = "tcp"\ntx = "00 01 00 00 00 07 01 03 01 05 00 01"', "vector-format"),
        ("modbus", "fc = 7\nat = 1\nregs = [1]", "vector-format"),
        ("modbus", "fc = 3\nat = 1\nregs = [70000]", "vector-format"),
        ("modbus", 'variant = "fine"\nfc = 3\nat = 1\nregs = [1]', "vector-format"),
        ("modbus", "fc = 6\nat = 5\nregs = [2]\nexpect_write = { state = 2 }", "vector-format"),
        ("modbus", "fc = 6\nat = 261\nregs = [2]\nexpect_write = { limit = 70000 }", "point-value"),
        ("modbus-ascii", 'tx = ":0103002E0005C8"', "answer-checksum"),
        ("modbus-ascii", 'tx = ":0103002E0005C9"\nrx = ":01030A2EA1106403E803E803E8EE"', "vector-format"),
        ("ascii-line", 'tx = "$GS^31"', "answer-checksum"),
        ("ascii-line", 'tx = "$ZZ"', "vector-format"),
        ("ascii-line", 'tx = "$GS"\nrx = "$OK x"', "answer-format"),
        ("ascii-line", 'tx = "$GS"\nrx = "$NK"', "vector-format"),
        ("ascii-line", 'rx = "$AT zz"', "vector-format"),
        ("http-json", 'source = "info"\npayload = "{}"', "vector-format"),
    ],
)
def test_what_cannot_be_decoded_says_why(kind: str, vector: str, code: str, tmp_path: Path) -> None:
    result = only(tmp_path, kind, vector)
    assert not result.ok
    assert result.error is not None
    assert result.error.code == code


def test_numbers_agree_within_a_millionth_and_texts_exactly() -> None:
    assert agrees(51.53, 51.530000001)
    assert not agrees(51.53, 51.531)
    assert agrees("C2", "C2")
    assert not agrees("1", 1)
    assert agrees([], ())
    assert agrees("none", None)
    assert not agrees(0, None)


VERBS = """\
[control.phases]
one = [{ point = "standby", value = "phases" }]
three = [{ delay_s = 1 }, { point = "standby", value = "phases" }]
[control.authorize]
seq = [{ point = "standby", value = "int(token)" }]
[control.reset]
seq = [{ point = "standby", value = 9, when = "state != 2" }, { point = "standby", value = 8 }]
[init]
seq = [{ point = "standby", value = 4 }]
[safe]
seq = [{ point = "standby", value = 5 }]
[watchdog]
kind = "write"
every_s = 5
seq = [{ point = "standby", value = 6 }]
"""


@pytest.mark.parametrize(
    ("name", "value", "register"),
    [
        ("phases", "1", 1),
        ("phases", "3", 3),
        ("authorize", "'77'", 77),
        ("reset", "true", 9),
        ("init", "true", 4),
        ("safe", "true", 5),
        ("watchdog", "true", 6),
    ],
)
def test_a_write_may_be_named_by_its_verb(name: str, value: str, register: int, tmp_path: Path) -> None:
    vector = f"[[vector]]\nfc = 16\nat = 258\nregs = [{register}]\nexpect_write = {{ {name} = {value} }}\n"
    text = text_of("modbus", VERBS + vector).replace('[watchdog]\nkind = "none"\n', "")
    (result,) = check(family_file(tmp_path, text))
    assert result.ok, result
