"""Variants that no read tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.load import read_family
from gateway.family.variants import matching
from tests.gateway.family.families import text_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_variant_without_a_condition_is_only_taken_where_the_site_names_it(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'{text_of("modbus")}\n[[variant]]\nid = "named"\nprobe = {{ point = "limit" }}\n')

    base = read_family(file).base

    assert "named" in {each.id for each in base.variant}
    assert "named" not in matching(base, {"limit": 16.0}, frozenset())
