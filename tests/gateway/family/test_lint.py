"""Each mistake in a family file is shown with its code and its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.family.lint import examine
from tests.gateway.family.families import KINDS, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.findings import Finding

EXPECTED = {"modbus-ascii": {"family-limit-unverified"}, "ascii-line": {"family-limit-unverified"}}
"""Warnings that the small families have on purpose."""


def findings(tmp_path: Path, kind: str, old: str = "", new: str = "") -> tuple[tuple[Finding, ...], str]:
    """What is found in a family in which one stretch of text is replaced, and the text."""
    text = text_of(kind)
    assert old in text
    text = text.replace(old, new, 1)
    file = tmp_path / f"small-{kind}.toml"
    file.write_text(text, encoding="utf-8")
    found = examine(file)
    return tuple(each for each in found.findings if each.code not in EXPECTED.get(kind, set())), text


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_family_has_no_findings(kind: str, tmp_path: Path) -> None:
    assert findings(tmp_path, kind)[0] == ()


# kind, what is replaced, by what, code, the text at which the finding points, suggestion
ERRORS = [
    ("modbus-ascii", '"230 * sum(current)"', '"230 * sum(curr3nt)"', "family-name-unknown", '"230', "current"),
    ("modbus-ascii", "[derive]", '[derive]\nearly = "power"', "family-derive-order", '"power"', None),
    ("ascii-line", '"state == 1"', '"stat == 1"', "family-name-unknown", '"stat == 1"', "state"),
    ("mqtt", '"round(value * 1000)"', '"round(vale * 1000)"', "family-name-unknown", '"round(vale', "value"),
    ("modbus", 'point = "limit", value = "value"', 'point = "lim1t", value = "value"', "family-point-unknown", '"lim1t"', "limit"),
    ("modbus", 'point = "release", value = true', 'point = "error", value = true', "family-point-read-only", '"error"', None),
    ("modbus", 'point = "release", value = true', 'point = "release"', "missing-key", '{ point = "release"', None),
    ("modbus", 'point = "release", value = true', 'delay_s = 1, point = "release"', "family-step-shape", "{ delay_s", None),
    ("modbus", 'verify = { point = "limit"', 'verify = { point = "limits"', "family-point-unknown", '"limits"', "limit"),
    ("modbus", '[state]\npoint = "state"', '[state]\npoint = "stat"', "family-point-unknown", '"stat"', "state"),
    ("modbus", 'exponent = "power_exponent"', 'exponent = "exponent"', "family-point-unknown", '"exponent"', "power_exponent"),
    ("modbus", 'kind = "none"', 'kind = "none"\ntimeout = "tmo"', "family-point-unknown", '"tmo"', None),
    ("modbus", 'probe = { point = "standby"', 'probe = { point = "st4ndby"', "family-point-unknown", '"st4ndby"', "standby"),
    ("modbus", 'variant = "coarse"', 'variant = "course"', "family-variant-unknown", '"course"', "coarse"),
    ("modbus", "expect = { energy_total", "expect = { energy_totl", "family-point-unknown", "51.53", "energy_total"),
    ("modbus", "max_span = 16", "max_span = 1", "family-span", "{ at = 17, type", None),
    ("modbus", "voltage = { at = 10, n = 3", "voltage = { model = [203], at = 10, n = 3", "family-chain-missing", "[203]", None),
    ("modbus", "max_span = 16", "max_span = 16\nbarriers = [18]", "family-barrier", "{ at = 17", None),
    ("modbus", "voltage = { at = 10, n = 3", "voltage = { at = 65534, n = 3", "family-address-end", "{ at = 65534", None),
    ("modbus", 'type = "u32", scale', 'type = "u32", stride = 1, scale', "family-stride", "1, scale", None),
    ("modbus", "error = { at = 22", 'error = { access = "rw", at = 22', "family-table-read-only", "{ access", None),
    ("modbus", "limit = { at = 261", 'limit = { type = "u32", at = 257', "family-overlap", '{ type = "u32", at = 257', None),
    ("modbus", '2 = "A1", ', "", "family-state-no-free", "[state]", None),
    ("modbus", '[state]\npoint = "state"\n', "[state]\n", "family-state-shape", "[state]", None),
    ("ascii-line", "[state]\n", '[state]\nerrors = { 5 = "lock" }\n', "family-state-shape", "[state]", None),
    ("modbus", "state = { at = 5", 'state = { map = { 1 = "idle" }, at = 5', "family-state-key", '2 = "A1"', None),
    ("modbus", 'lock = "ConnectorLockFailure"', 'lock = "LockFailure"', "unknown-value", '"LockFailure"', "ConnectorLockFailure"),
    ("modbus", 'lock = "ConnectorLockFailure"', 'locks = "OtherError"', "family-fault-never", "locks", "lock"),
    ("modbus", "max = 16", "min = 32\nmax = 16", "out-of-range", "32\nmax", None),
    ("modbus", "max = 16", 'unit = "W"\nmax = 16', "missing-key", "[control.limit]", None),
    ("mqtt", "max = 32", 'max = 32\npause = "disable"', "family-pause", '"disable"', None),
    ("modbus", 'kind = "none"', 'kind = "write"\nevery_s = 5', "missing-key", "[watchdog]", None),
    ("modbus", 'kind = "none"', 'kind = "rewrite-limit"', "missing-key", "[watchdog]", None),
    ("modbus", '0 = "residual current"', 'one = "residual current"', "family-bit", "one = ", None),
    ("modbus", 'unit = "kWh"', 'unit = "Ah"', "family-unit", '"Ah"', None),
    ("modbus", 'id = "small-modbus"', 'id = "tiny-modbus"', "family-id", '"tiny-modbus"', None),
    ("modbus", "set = { points = { limit = { scale = 1.0", 'set = { points = { limit = { unit = "V"', "family-unit", '"V"', None),
    ("modbus-ascii", "byte = 4, n = 3", "byte = 5, n = 3", "family-frame-short", '{ frame = "status", byte = 5', None),
    ("modbus-ascii", 'state = { frame = "status"', 'state = { frame = "stats"', "family-message-unknown", '"stats"', "status"),
    ("modbus-ascii", 'state = { frame = "status"', 'state = { access = "rw", frame = "status"', "family-frame-access", "{ access", None),
    ("modbus-ascii", "[2, 1, 0]", "[3, 2, 1]", "family-order", "[3, 2, 1]", None),
    ("ascii-line", '"state.elapsed"', '"state.elaps"', "family-field-unknown", '"state.elaps"', "elapsed"),
    ("ascii-line", '"state.elapsed"', '"stat.elapsed"', "family-message-unknown", '"stat.elapsed"', "state"),
    ("ascii-line", 'command = "state"', 'command = "stats"', "family-message-unknown", '"stats"', "state"),
    ("ascii-line", '{pilot:x}", optional', '{pilot:q}", optional', "pattern-syntax", '"{state:x} {elapsed', None),
    ("ascii-line", 'send = "enable"', 'send = "en4ble"', "family-message-unknown", '"en4ble"', "enable"),
    ("ascii-line", ', args = { amps = "int(value)" }', "", "family-args-missing", '{ send = "set_limit"', None),
    ("ascii-line", 'send = "enable"', 'send = "enable", args = { on = 1 }', "family-args-unused", "on = 1", None),
    ("ascii-line", 'tx = "$GS"', 'tx = "$GS {n:d}"', "family-args-missing", '"state.state"', None),
    ("mqtt", 'limit = { from = "evse"', 'limit = { from = "set_limit"', "family-message-unknown", '"set_limit", ptr', None),
    ("mqtt", 'limit = { from = "evse"', 'limit = { on = "evse", from = "evse"', "family-message-unknown", '"evse", from', None),
    ("mqtt", 'limit = { from = "evse"', 'limit = { off = "set_limit", from = "evse"', "family-args-missing", '"set_limit", from', None),
    ("mqtt", 'send = "set_limit"', 'send = "evse"', "family-message-unknown", '"evse", args', None),
    ("mqtt", 'meter = { sub = "{prefix}/meter/power"', "meter = { retain = true", "family-message-empty", "{ retain", None),
    ("mqtt", 'ptr = "/allowed"', 'ptr = "allowed"', "pointer-syntax", '"allowed"', None),
    ("http-json", 'get = "/api/status"', 'get = "/api/status", post = "/"', "family-message-empty", '{ get = "/api/status", post', None),
    ("http-json", 'limit = { from = "status"', 'limit = { from = "info"', "family-message-unknown", '"info"', None),
    ("udp-json", 'from = "report2", ptr = "/Curr', 'from = "report1", ptr = "/Curr', "family-message-unknown", '"report1"', "report2"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "code", "at", "suggestion"), ERRORS)
def test_an_error_is_found_at_its_place(
    kind: str, old: str, new: str, code: str, at: str, suggestion: str | None, tmp_path: Path
) -> None:
    found, text = findings(tmp_path, kind, old, new)
    found = tuple(each for each in found if each.code == code and each.severity == "error")
    assert found, code
    first = found[0]
    assert first.span is not None
    line, column = first.span.line, first.span.column
    rest = "\n".join([text.split("\n")[line - 1][column - 1 :], *text.split("\n")[line:]])
    assert rest.startswith(at)
    assert first.suggestion == suggestion


WARNINGS = [
    ("modbus", "standby = { at = 258", "spare = { at = 300 }\nstandby = { at = 258", "family-point-unused"),
    ("modbus", 'scale = 0.1, unit = "A" }\nvoltage', "scale = 0.1 }\nvoltage", "family-unit-missing"),
    ("modbus", ', 9 = "E", 10 = "F"', "", "family-state-no-fault"),
    ("modbus", 'verify = { point = "limit" }', "", "family-limit-unverified"),
    ("modbus", '[watchdog]\nkind = "none"', "", "family-watchdog-unknown"),
    ("modbus", "limit = { at = 261", 'also = { at = 261, table = "holding", access = "rw" }\nlimit = { at = 261', "family-overlap"),
    ("modbus", "completeness = 2", 'completeness = 2\nunverified = ["the address of limit"]', "family-unverified"),
    ("modbus", "state = { at = 5", 'state = { unverified = "from memory", at = 5', "family-unverified"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "code"), WARNINGS)
def test_a_doubt_is_no_error(kind: str, old: str, new: str, code: str, tmp_path: Path) -> None:
    found, _ = findings(tmp_path, kind, old, new)
    severity = "note" if code == "family-unverified" else "warning"
    assert (code, severity) in {(each.code, each.severity) for each in found}
    assert [each for each in found if each.severity == "error"] == []


def test_a_family_without_a_vector_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "small-modbus.toml"
    file.write_text(text_of("modbus", ""), encoding="utf-8")
    assert [each.code for each in examine(file).findings] == ["family-no-vector"]


def test_a_file_that_is_no_family_has_the_findings_of_its_schema(tmp_path: Path) -> None:
    file = tmp_path / "small-modbus.toml"
    file.write_text(text_of("modbus").replace('map = { 2 = "A1"', 'map = { 2 = "A7"'), encoding="utf-8")
    found = examine(file)
    assert found.file is None
    assert [(each.code, each.suggestion) for each in found.findings] == [("unknown-value", "A")]


def test_two_bits_of_one_register_may_be_written_as_two_points(tmp_path: Path) -> None:
    old = "limit = { at = 261"
    new = 'one = { at = 400, mask = 1, access = "rw", table = "holding" }\n'
    new += 'two = { at = 400, mask = 2, access = "rw", table = "holding" }\n' + old
    found, _ = findings(tmp_path, "modbus", old, new)
    assert {each.code for each in found} == {"family-point-unused"}


def test_an_error_that_only_a_variant_knows_is_no_error_of_the_family(tmp_path: Path) -> None:
    old = "set = { points = { limit = { scale = 1.0 } } }"
    new = 'set = { points = { error = { bits = { 5 = "tilt" } } } }\n[faults.x]'
    text = text_of("modbus").replace(old, new.partition("\n[")[0])
    text = text.replace('lock = "Conn', 'tilt = "OtherError"\nlock = "Conn').replace("limit = 16 }", "limit = 1.6 }")
    file = tmp_path / "small-modbus.toml"
    file.write_text(text, encoding="utf-8")
    assert examine(file).findings == ()


def test_findings_come_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = text_of("modbus").replace('verify = { point = "limit" }', "").replace("voltage = {", "spare = {")
    file = tmp_path / "small-modbus.toml"
    file.write_text(text, encoding="utf-8")
    lines = [each.span.line for each in examine(file).findings if each.span is not None]
    assert len(lines) > 1
    assert lines == sorted(lines)
