"""What flows into cars, as adapters tell it at each poll: never stored, only the newest of each EVSE counts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.readings import CURRENT_IMPORT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gateway.load.site import Phases
    from gateway.model.ids import Place
    from gateway.model.readings import Sample

_LINES = ("L1", "L2", "L3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A measurement at an EVSE: ``t`` in s of the loop's clock, ``currents`` in A on its own L1, L2, L3."""

    t: float
    currents: tuple[float, ...]


class Flows:
    """The newest measurement of each EVSE."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, int], Flow] = {}

    def take(self, place: Place, currents: Sequence[float]) -> None:
        """Currents have been read now."""
        flow = Flow(t=asyncio.get_running_loop().time(), currents=tuple(currents))
        self._newest[place.station, place.evse] = flow

    def of(self, station: str, evse: int) -> Flow | None:
        """The newest; None: nothing was ever told."""
        return self._newest.get((station, evse))


def of_sample(sample: Sample, now: datetime, t: float) -> Flow | None:
    """What a station's own report says of currents; None: nothing.

    Args:
        sample: Of the EVSE.
        now: Of the box's clock.
        t: The same moment, s of the loop's clock.
    """
    found = {
        each.phase: each.base_value
        for each in sample.readings
        if each.measurand == CURRENT_IMPORT and each.phase in {None, *_LINES}
    }
    lines = tuple(found.get(line, 0.0) for line in _LINES)
    at = t - max(0.0, (now - sample.at).total_seconds())
    if not found:
        return None
    if found.keys() == {None}:
        return Flow(t=at, currents=(found[None],))
    return Flow(t=at, currents=lines)


def on_supply(currents: Sequence[float], wires: Sequence[int]) -> Phases | None:
    """Currents of an EVSE as they flow in the supply, A on L1 to L3; None where that cannot be told.

    Args:
        currents: On its own L1, L2, L3.
        wires: Which phase of the supply (0 to 2) feeds each of them (``Evse.phases``).
    """
    if len(currents) == 1 and len(wires) > 1 and currents[0] > 0:
        return None  # of one phase, or of each of several: nobody knows which
    found = [0.0, 0.0, 0.0]
    for current, phase in zip(currents, wires, strict=False):
        found[phase] += max(0.0, current)
    return (found[0], found[1], found[2])
