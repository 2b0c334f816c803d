"""What a station shows of the current that flows."""

from __future__ import annotations

import pytest

from adapters.common.flow import flow
from tests.adapters.common.leader import family

ONE, THREE = 1, 3


@pytest.mark.parametrize(
    ("values", "phases", "found"),
    [
        ({"current": (16.0, 15.0, 14.0)}, THREE, (16.0, 15.0, 14.0)),
        ({"current": (16.0, 0.1, 0.0)}, ONE, (16.0,)),
        ({"current": 10.0}, ONE, (10.0,)),
        ({"current": 10.0}, THREE, ()),
        ({"current": 0.0, "power": 0.0}, THREE, (0.0, 0.0, 0.0)),
        ({"power": 2300.0}, ONE, (10.0,)),
        ({"power": 2300.0}, THREE, ()),
        ({"power": 20.0}, None, (0.0, 0.0, 0.0)),
        ({}, THREE, ()),
    ],
)
def test_currents_are_told_only_where_their_phases_are_known(
    values: dict[str, float], phases: int | None, found: tuple[float, ...]
) -> None:
    assert flow(family(), values, phases) == pytest.approx(found)
