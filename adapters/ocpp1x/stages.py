"""The stages of a visit, as OCPP 1.6 tells them in the status of a connector (1.6, 4.9 and 7.7)."""

from __future__ import annotations

from gateway.model.transactions import ChargingState

STAGES = {
    "preparing": ChargingState.EV_CONNECTED,
    "charging": ChargingState.CHARGING,
    "suspendedev": ChargingState.SUSPENDED_EV,
    "suspendedevse": ChargingState.SUSPENDED_EVSE,
    "finishing": ChargingState.EV_CONNECTED,
}
"""The state of charging that a status means while a transaction runs, by its casefolded name."""

OCCUPIED = {*STAGES, "suspended", "occupied"}
"""Every status, casefolded, that is Occupied until 1.5 and in 2.0.1; some stations set to 1.5 send the stages too."""


def stage_of(status: str) -> ChargingState | None:
    """The state of charging that a status tells; None where it tells nothing of it."""
    return STAGES.get(status.casefold())
