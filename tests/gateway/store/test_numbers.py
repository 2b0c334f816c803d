"""The last event about a variable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.store.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

WATER, HEAT = (VariableRef(component=name, variable="Active") for name in ("FloodSensor", "Heater"))


async def test_the_last_event_about_a_variable_is_known_if_it_told_what_is_so(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "db.sqlite", ["A", "B"], lambda: datetime.now(UTC)) as storage:
        events = storage.events
        assert events.last("A", WATER) is None
        first = events.new("A", WATER)
        assert (events.last("A", WATER), events.last("B", WATER), events.last("A", HEAT)) == (first, None, None)
        over = events.new("A", WATER, cleared=True)
        assert over > first
        assert events.last("A", WATER, cleared=True) == over
        assert events.last("A", WATER) is None, "it is so again, and nobody was told"
        assert events.last("A", WATER, cleared=True) is None, "nor that it is over again"
