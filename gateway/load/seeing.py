"""The EVSEs as load management sees them: from the states of stations, what flows, and what others allow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.load.flows import of_sample, on_supply
from gateway.load.observation import EvseSeen
from gateway.load.visits import Visits
from gateway.model.evse import ConnectorStatus
from gateway.model.transactions import ChargingState

if TYPE_CHECKING:
    from gateway.config.circuit import Spot
    from gateway.load.build import Built
    from gateway.load.ports import Box, Limits
    from gateway.load.site import Evse, Phases
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction

FRESH = 10.0
"""Seconds after which a measurement does not say any more what flows: a car has followed another limit by then."""

RANKS = 10
"""Priorities of the site, 0 to 9, between one chargingPriority of the backend and the next."""


class Eyes:
    """Sees EVSEs, and remembers for each what was measured last and whose visit it is."""

    def __init__(self, built: Built, box: Box, limits: Limits) -> None:
        """Take the site.

        Args:
            built: What the site file says.
            box: What stations and adapters tell.
            limits: What others than load management allow.
        """
        self._built = built
        self._box = box
        self._limits = limits
        self._samples: dict[str, tuple[Sample, float, Phases | None]] = {}
        self._visits = Visits(box)
        self._said: dict[str, int] = {}

    def look(self, evse: Evse) -> EvseSeen:
        """An EVSE now."""
        station, number = spot = self._built.spots[evse.id]
        state = self._box.station(station)
        running = state.transaction_at(number)
        plugged = _plugged(state, number, running)
        t_meas, i = self._flowing(evse, spot)
        # What a module of the box holds down needs no station for it.
        held = state.reachable or self._built.means[evse.id].apart
        given = self._box.given(station, number) if held else None
        session = self._visits.look(evse, spot, running, plugged=plugged)
        return EvseSeen(
            id=evse.id,
            online=held and state.limitable,
            faulted=_faulted(state, number),
            plugged=plugged,
            session=session,
            i=i,
            t_meas=t_meas,
            setpoint=None if given is None else min(given, evse.maximum),
            cap=self._limits.cap(station, number),
            priority=self._priority(evse, spot, session, running),
            delivered=running.energy if running is not None else None,
        )

    def _flowing(self, evse: Evse, spot: Spot) -> tuple[float, Phases | None]:
        """When something was measured last, and what flowed; without currents if that is long ago."""
        now = asyncio.get_running_loop().time()
        flow = self._box.flowing.of(*spot)
        at, i = (float("-inf"), None) if flow is None else (flow.t, on_supply(flow.currents, evse.phases))
        sample = self._box.measured(*spot)
        if sample is not None:
            known = self._samples.get(evse.id)
            if known is None or known[0] is not sample:
                said = of_sample(sample, self._box.now(), now)
                reported = float("-inf") if said is None else said.t
                known = (sample, reported, None if said is None else on_supply(said.currents, evse.phases))
                self._samples[evse.id] = known
            if known[1] > at:
                at, i = known[1], known[2]
        return (at, i) if now - at <= FRESH else (at, None)

    def _priority(self, evse: Evse, spot: Spot, session: str | None, running: Transaction | None) -> int:
        """The backend's word comes first (K03.FR.04); of what is equal to it, the site's.

        It is about a transaction, and outlasts a pause that ends this one.
        """
        if running is not None:
            self._said[evse.id] = self._limits.priority(*spot)
        elif session is None:
            self._said.pop(evse.id, None)
        return self._said.get(evse.id, 0) * RANKS + self._built.priorities.get(evse.id, 0)


def _plugged(state: StationState, evse: int, running: Transaction | None) -> bool:
    if running is not None:
        return running.charging_state is not ChargingState.IDLE
    return any(each.evse == evse and each.reported is ConnectorStatus.OCCUPIED for each in state.connectors)


def _faulted(state: StationState, evse: int) -> bool:
    return any(each.evse == evse and each.status is ConnectorStatus.FAULTED for each in state.connectors)
