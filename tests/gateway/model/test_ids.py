"""Places in words."""

from __future__ import annotations

from gateway.model.ids import Place


def test_a_log_names_a_place_as_people_do() -> None:
    assert str(Place(station="AT-0001")) == "AT-0001"
    assert str(Place(station="AT-0001", evse=2, connector=1)) == "AT-0001 EVSE 2"
