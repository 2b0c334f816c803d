"""What a station has told unasked, until the next read takes it along."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.family.value import Value


class Told:
    """The newest values of pushes. What was asked for afterwards is newer and takes their place."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def note(self, values: Mapping[str, Value]) -> None:
        """The station has told something."""
        self._values.update(values)

    def outdated(self, names: Iterable[str]) -> set[str]:
        """Points have just been read; gives those of them that were told, whose newer values are owed to the reader."""
        found = {name for name in names if name in self._values}
        for name in found:
            del self._values[name]
        return found

    def take(self) -> dict[str, Value]:
        """What was told and is not outdated; it is given once."""
        values, self._values = self._values, {}
        return values
