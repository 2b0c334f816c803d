"""What a change of a variable follows from, as far as that is known (Part 2, N07.FR.05). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.model.changes import Cause, Change, ConnectorStatusChanged, FaultChanged
from gateway.model.device.variable import VariableRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model.evse import Fault
    from gateway.model.ids import Place


def variable_of(place: Place, fault: Fault) -> VariableRef:
    """The variable that says that there is a fault."""
    return VariableRef(component=fault.component, evse=place.evse or None, variable=fault.variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Why connectors have the status that they have, and why there are faults; immutable.

    The nearest cause counts: of a status that is the fault, and of the fault what a sensor has seen.

    Attributes:
        places: By EVSE and connector, the latest last; None: the status has changed for another reason.
        faults: By the variable that says so.
    """

    places: Mapping[tuple[int, int], Cause | None] = field(default_factory=dict)
    faults: Mapping[str, Cause] = field(default_factory=dict)

    def noted(self, change: Change) -> Causes:
        """The causes after a change."""
        match change:
            case ConnectorStatusChanged():
                return replace(self, places=_with(self.places, [_spot(change.place)], change.cause))
            case FaultChanged():
                return self._fault(change)
            case _:
                return self

    def of(self, ref: VariableRef) -> Cause | None:
        """What the latest value of a variable follows from."""
        if ref.key in self.faults:
            return self.faults[ref.key]
        if ref.variable != "AvailabilityState" and (ref.component, ref.variable) != ("ChargingStation", "Problem"):
            return None
        here = [
            cause
            for (evse, connector), cause in self.places.items()
            if ref.evse in {None, evse} and ref.connector in {None, connector}
        ]
        return here[-1] if here else None

    def _fault(self, change: FaultChanged) -> Causes:
        ref, where = variable_of(change.place, change.fault), change.place
        faults = {key: value for key, value in self.faults.items() if key != ref.key}
        if change.cause is not None:
            faults[ref.key] = change.cause
        covered = [at for at in self.places if where.evse in {0, at[0]} and where.connector in {0, at[1]}]
        cause = Cause(variable=ref, over=not change.active)
        return Causes(places=_with(self.places, covered or [_spot(where)], cause), faults=faults)


def _spot(place: Place) -> tuple[int, int]:
    return place.evse, place.connector


def _with(
    places: Mapping[tuple[int, int], Cause | None], changed: Iterable[tuple[int, int]], cause: Cause | None
) -> dict[tuple[int, int], Cause | None]:
    latest = dict.fromkeys(changed, cause)
    return {**{at: before for at, before in places.items() if at not in latest}, **latest}
