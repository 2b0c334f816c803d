"""The limits of one station whose EVSEs were given means of limiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.actuation.remote import RemoteWay
from gateway.actuation.ways import KeyWay, OutputWay, PilotWay, TransferWay
from gateway.model.commands import ACCEPTED, Outcome, SetLimit, Verdict
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.actuation.hands import Fitted, Hands
    from gateway.actuation.ways import Way


class Limiter:
    """Carries out ``SetLimit`` where means were configured; other EVSEs of the station are left to it.

    Args:
        fitted: The EVSEs with means.
        hands: The box.
    """

    def __init__(self, fitted: Iterable[Fitted], hands: Hands) -> None:
        self._fitted = {each.evse: each for each in fitted}
        self._hands = hands
        self._ways = {evse: _way(each, hands) for evse, each in self._fitted.items()}
        self._own = False
        self._busy = {evse: asyncio.Lock() for evse in self._fitted}

    def found(self, capabilities: frozenset[Capability]) -> frozenset[Capability]:
        """What the station and the means can do together: limits in A as soon as one EVSE takes them, switching likewise."""
        self._own = Capability.SMART_CHARGING in capabilities
        throttles = {each.control.throttle for each in self._fitted.values()}
        of = {Throttle.CURRENT: Capability.SMART_CHARGING, Throttle.SWITCH: Capability.ON_OFF}
        return capabilities | {of[each] for each in throttles}

    def independent(self, evse: int) -> bool:
        """Tell whether an EVSE can be held down while its station is not reached: an added module does it."""
        fitted = self._fitted.get(evse)
        return fitted is not None and fitted.control.driven is not None

    async def set_limit(self, command: SetLimit) -> Outcome:
        """Limit the EVSEs of a place, one after the other; the first refusal decides."""
        evse = command.place.evse
        for each in [evse] if evse else self._evses(command.place.station):
            outcome = await self._one(each, command)
            if not outcome.accepted:
                return outcome
        return ACCEPTED

    def _evses(self, station: str) -> tuple[int, ...]:
        """All that can be limited."""
        return tuple(
            each for each in self._hands.station(station).evses() if each and (self._own or each in self._fitted)
        )

    async def _one(self, evse: int, command: SetLimit) -> Outcome:
        fitted, way = self._fitted.get(evse), self._ways.get(evse)
        if fitted is not None and way is not None:
            wanted = fitted.rated if command.current is None else min(command.current, fitted.rated)
            async with self._busy[evse]:
                return await way.set(wanted)
        if self._own:
            place = Place(station=command.place.station, evse=evse, connector=command.place.connector)
            return await self._hands.ask(SetLimit(place=place, current=command.current))
        return Outcome(verdict=Verdict.UNSUPPORTED, reason="nothing limits this EVSE")


def _way(fitted: Fitted, hands: Hands) -> Way:
    control = fitted.control
    if control.key is not None:
        return KeyWay(fitted, hands, control.key)
    if control.data_transfer is not None:
        return TransferWay(fitted, hands, control.data_transfer)
    if control.output is not None:
        return OutputWay(fitted, hands, control.output)
    if control.pwm is not None:
        return PilotWay(fitted, hands, control.pwm)
    return RemoteWay(fitted, hands)
