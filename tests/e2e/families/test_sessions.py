"""A session of every family that comes with the box: simulated station, real wire, gateway process, CSMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.family.library import all_families
from tests.e2e.families.ability import Ability
from tests.e2e.families.stand import station_files
from tests.e2e.families.steps import CANNOT, GRAIN, SAFE, STEPS

if TYPE_CHECKING:
    from tests.e2e.families.round import Round

pytestmark = pytest.mark.timeout(240)  # the first test waits for the whole round

_FILES = station_files()
_ABILITIES = {name: Ability.of(file.base) for name, file in _FILES.items()}
_CASES = [
    pytest.param(name, step.name, id=f"{name}-{step.name}")
    for name, can in _ABILITIES.items()
    for step in STEPS
    if step.possible(can)
]


@pytest.mark.parametrize(("family", "step"), _CASES)
def test_step(visited: Round, family: str, step: str) -> None:
    notes = visited.visits[family].notes
    assert step in notes, f"not come to it: {[name for name, note in notes.items() if note not in {'', CANNOT}]}"
    assert notes[step] == ""


@pytest.mark.parametrize("family", [name for name, can in _ABILITIES.items() if can.limits])
def test_safe_state_when_the_box_ends(visited: Round, family: str) -> None:
    """A session is running when the box is told to end: what the station then offers needs nobody to lead it."""
    if "again" not in visited.visits[family].notes:
        pytest.skip("no session was running")
    left = visited.left[family]
    assert float(str(left["current"])) <= visited.visits[family].stand.amps(SAFE) + GRAIN


def test_nothing_was_sent_that_does_not_fit_the_standard(visited: Round) -> None:
    assert visited.invalid == []


def test_the_box_ended_in_order(visited: Round) -> None:
    assert visited.exit_code == 0
    assert [line for line in visited.log if "Traceback" in line or "failed; again" in line] == []


def test_no_family_is_left_out() -> None:
    assert len(_FILES) >= 25
    assert {*_FILES} < {*all_families()}
