"""When circuits may carry less than they are built for: plans of the week, and contacts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.load.plan import lowest, next_change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from gateway.load.plan import Slot
    from gateway.load.site import LoadSite, Phases

Value = bool | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """One reduction of one circuit: by the clock (``slot``), or by a sensor (``channel``).

    Attributes:
        node: The circuit.
        limit: A per phase while it holds.
        name: What people call it.
        source: Whose it is, as ChargingLimitSourceEnumType of OCPP 2.0.1.
        slot: When it holds.
        channel: Id of the channel whose value says so.
        holds: Whether a value of it means that it holds; None: the value tells nothing.
        trips: It holds while the channel has no value; else it stays as it was.
    """

    node: str
    limit: Phases
    name: str
    source: str
    slot: Slot | None = None
    channel: str = ""
    holds: Callable[[Value | None], bool | None] = lambda _: None
    trips: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """All of a site.

    Attributes:
        every: All of them.
        zone: Time zone of the site.
    """

    every: Sequence[Restriction]
    zone: tzinfo

    def standing(
        self, when: datetime, values: Mapping[str, Value | None], before: frozenset[int] = frozenset()
    ) -> frozenset[int]:
        """Places of those that hold.

        Args:
            when: Now, aware.
            values: What channels tell; absent or None: nothing.
            before: Those that held before.
        """
        return frozenset(
            place for place, each in enumerate(self.every) if self._stands(each, when, values, was=place in before)
        )

    def _stands(self, each: Restriction, when: datetime, values: Mapping[str, Value | None], *, was: bool) -> bool:
        if each.slot is not None:
            return each.slot.on(when.astimezone(self.zone))
        told = each.holds(values.get(each.channel))
        return (each.trips or was) if told is None else told

    def limits(self, site: LoadSite, standing: frozenset[int]) -> dict[str, Phases]:
        """What circuits may carry now, where that is less than ever: ``Observation.limits``."""
        found: dict[str, Phases] = {}
        for place in sorted(standing):
            each = self.every[place]
            least = lowest([found.get(each.node, site.node[each.node].limit), each.limit])
            if least is not None and least != site.node[each.node].limit:
                found[each.node] = least
        return found

    def next_change(self, when: datetime) -> datetime | None:
        """When the clock changes what holds, in UTC; None: never."""
        slots = [each.slot for each in self.every if each.slot is not None]
        return next_change(slots, when, self.zone)
