"""Every family that is shipped: no errors, its vectors mean what they say, and nothing is lost on its wire."""

from __future__ import annotations

import pytest

from gateway.family.library import all_families
from gateway.family.lint import examine
from gateway.family.load import read_family
from gateway.family.roundtrip import lost
from gateway.family.vectors import check

SHIPPED = all_families()


@pytest.mark.parametrize("name", SHIPPED)
def test_it_has_no_errors(name: str) -> None:
    found = examine(SHIPPED[name])
    errors = [each for each in found.findings if each.severity == "error"]
    assert [
        f"{each.file.name}:{each.span.line if each.span else 0}: {each.code} {each.params}" for each in errors
    ] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_its_vectors_mean_what_they_say(name: str) -> None:
    assert [each for each in check(read_family(SHIPPED[name])) if not each.ok] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_lost_on_its_wire(name: str) -> None:
    file = read_family(SHIPPED[name])
    for chosen in ((), *((each.id,) for each in file.base.variant)):
        assert lost(file.with_variants(chosen)) == (), chosen
