"""Why a station says that a transaction has ended (OCPP 1.6, 7.36), as OCPP 2.0.1 tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    STOPPED_BY_DRIVER,
    STOPPED_BY_POWER_LOSS,
    STOPPED_BY_RESET,
    STOPPED_BY_UNPLUGGING,
    STOPPED_DEAUTHORIZED,
    STOPPED_UNKNOWN,
    StopCause,
    StoppedReason,
    TriggerReason,
)

if TYPE_CHECKING:
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction

_LOCAL = "local"
_CAUSES = {
    "deauthorized": STOPPED_DEAUTHORIZED,
    "emergencystop": StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.EMERGENCY_STOP),
    "evdisconnected": STOPPED_BY_UNPLUGGING,
    "hardreset": STOPPED_BY_RESET,
    _LOCAL: STOPPED_BY_DRIVER,
    "other": STOPPED_UNKNOWN,
    "powerloss": STOPPED_BY_POWER_LOSS,
    "reboot": StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.REBOOT),
    "remote": STOPPED_BY_BACKEND,
    "softreset": STOPPED_BY_RESET,
    "unlockcommand": StopCause(trigger=TriggerReason.UNLOCK_COMMAND, reason=StoppedReason.OTHER),
}
_ASKED = {"remote", "other", "hardreset", "softreset"}
"""Reasons that only say that the station was told to stop: whoever told it knows more."""


def cause_of(reason: str | None, transaction: Transaction | None, state: StationState) -> StopCause | None:
    """The cause of an end; None leaves it to what else is known.

    Args:
        reason: as the station gave it; None where it gave none, which in 1.6 means that the driver stopped here.
        transaction: the one that ends, if it is known.
        state: of the station.
    """
    asked = transaction.stop_cause if transaction is not None else None
    if reason is None:
        connector = state.connector(transaction.evse, transaction.connector) if transaction is not None else None
        faulty = connector is not None and bool(connector.faults)
        return None if asked is not None or faulty else STOPPED_BY_DRIVER
    name = reason.casefold()
    if asked is not None and name in _ASKED:
        return asked
    return _CAUSES.get(name)
