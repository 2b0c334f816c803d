"""Sensors with a family file, made as the site file would make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.contracts.sensing import SensorSettings

if TYPE_CHECKING:
    from collections.abc import Collection

    from adapters.sensors.family import FamilySensorKeys
    from tests.fakes.panel import FakePanel


def sensor(name: str, keys: FamilySensorKeys, points: Collection[str], **connection: Any) -> SensorSettings:
    """A ``[[sensor]]`` at another place than its keys say: reading a family file is nothing for a running box."""
    moved = keys.model_copy(update={"connection": connection})
    return SensorSettings(name=name, points=frozenset(points), options=moved)


def latest(panel: FakePanel, sensor: str) -> dict[str, object]:
    """The last value of each point of a sensor."""
    found: dict[str, object] = {}
    for name, values in panel.values:
        if name == sensor:
            found |= values
    return found


async def shows(panel: FakePanel, sensor: str, **values: object) -> None:
    """Wait until the points have these values; a dot in a name is written as two underscores."""
    wanted = {name.replace("__", "."): value for name, value in values.items()}
    await panel.until(lambda panel: wanted.items() <= latest(panel, sensor).items())
