"""Which pairs of phases a car tilts: more of its current only counts where it is not on both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.load.balance import guarded
from gateway.load.site import Control, Evse, LoadSite, Node
from gateway.load.tree import PAIRS, tilts


def pairs(numbers: tuple[int, ...]) -> set[tuple[int, int]]:
    return {PAIRS[number] for number in numbers}


def test_a_car_on_all_phases_tilts_nothing_however_much_it_draws() -> None:
    assert tilts((1, 2, 0), known=True) == ((), ())


def test_a_car_on_one_phase_loads_it_more_and_evens_out_what_others_load_more() -> None:
    up, down = tilts((1,), known=True)
    assert pairs(up) == {(1, 0), (1, 2)}
    assert pairs(down) == {(0, 1), (2, 1)}


def test_a_car_that_may_be_on_one_phase_only_evens_out_nothing_that_is_not_certain() -> None:
    up, down = tilts((1, 2, 0), known=False)
    assert pairs(up) == {(1, 2), (1, 0), (2, 0)}
    assert down == ()


NODE = Node(id="main", parent="", limit=(100.0,) * 3, rated=100.0, imbalance=20.0)
WALLBOX = Evse(id="A", node="main", maximum=32.0)
BLOCK = Evse(id="B", node="main", maximum=16.0, phases=(0,), control=Control.ONOFF, fixed=16.0)


@pytest.mark.parametrize(("evses", "left"), [((WALLBOX,), 13.0), ((WALLBOX, BLOCK), 16.0)])
def test_room_for_who_begins_is_kept_as_far_as_what_cannot_be_divided_still_fits(
    evses: tuple[Evse, ...], left: float
) -> None:
    site = LoadSite(name="s", nodes=(NODE,), evses=evses)
    assert guarded(site).nodes[0].imbalance == 19.0
    assert guarded(site, beginning=True).nodes[0].imbalance == left


def test_a_circuit_without_a_rule_has_none_with_room_kept() -> None:
    site = LoadSite(name="s", nodes=(replace(NODE, imbalance=None),), evses=(WALLBOX,))
    assert guarded(site, beginning=True).nodes[0].imbalance is None
