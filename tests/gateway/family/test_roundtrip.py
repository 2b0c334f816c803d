"""What the simulated side of a family sends is what the reading side means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.family.roundtrip import lost
from tests.gateway.family.families import KINDS, family_file, text_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_in_a_good_family(kind: str, tmp_path: Path) -> None:
    file = family_file(tmp_path, text_of(kind))
    assert lost(file.base) == ()
    for variant in file.base.variant:
        assert lost(file.with_variants([variant.id])) == ()


@pytest.mark.parametrize(
    ("kind", "old", "new", "point"),
    [
        ("modbus", "bits = { 0 =", "mask = 8, bits = { 0 =", ""),  # what the mask hides is never shown
        ("modbus", "standby = { at = 258", 'standby = { at = 258, map = { 70000 = "on" }', "standby"),
        ("modbus", "energy_total = { at = 17", "energy_total = { offset = -1.0, at = 17", ""),
        ("modbus-ascii", "byte = 1", "byte = 10", "state"),
        ("ascii-line", "state.elapsed", "state.elapse", ""),
        ("ascii-line", "state.elapsed", "stat.elapsed", "session_time"),
        ("mqtt", 'ptr = "/allowed"', 'ptr = "allowed"', "limit"),
    ],
)
def test_what_cannot_be_sent_is_found(kind: str, old: str, new: str, point: str, tmp_path: Path) -> None:
    text = text_of(kind, "")
    assert old in text
    found = lost(family_file(tmp_path, text.replace(old, new, 1)).base)
    assert [each.point for each in found] == ([point] if point else [])
