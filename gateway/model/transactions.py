"""Transactions: identity, state, and why things happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.model.tokens import Token


class ChargingState(StrEnum):
    """ChargingStateEnumType (OCPP 2.0.1 Part 2, 3.15)."""

    CHARGING = "Charging"
    EV_CONNECTED = "EVConnected"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    IDLE = "Idle"


class TriggerReason(StrEnum):
    """TriggerReasonEnumType (OCPP 2.0.1 Part 2, 3.92), as far as it is used."""

    ABNORMAL_CONDITION = "AbnormalCondition"
    AUTHORIZED = "Authorized"
    CABLE_PLUGGED_IN = "CablePluggedIn"
    CHARGING_RATE_CHANGED = "ChargingRateChanged"
    CHARGING_STATE_CHANGED = "ChargingStateChanged"
    DEAUTHORIZED = "Deauthorized"
    EV_COMMUNICATION_LOST = "EVCommunicationLost"
    EV_CONNECT_TIMEOUT = "EVConnectTimeout"
    EV_DEPARTED = "EVDeparted"
    EV_DETECTED = "EVDetected"
    METER_VALUE_CLOCK = "MeterValueClock"
    METER_VALUE_PERIODIC = "MeterValuePeriodic"
    REMOTE_START = "RemoteStart"
    REMOTE_STOP = "RemoteStop"
    RESET_COMMAND = "ResetCommand"
    STOP_AUTHORIZED = "StopAuthorized"
    TRIGGER = "Trigger"
    UNLOCK_COMMAND = "UnlockCommand"


class StoppedReason(StrEnum):
    """ReasonEnumType (OCPP 2.0.1 Part 2, 3.67), as far as it is used."""

    DEAUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    GROUND_FAULT = "GroundFault"
    IMMEDIATE_RESET = "ImmediateReset"
    LOCAL = "Local"
    MASTER_PASS = "MasterPass"  # noqa: S105 no secret: a kind of token
    OTHER = "Other"
    OVERCURRENT_FAULT = "OvercurrentFault"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    STOPPED_BY_EV = "StoppedByEV"
    TIMEOUT = "Timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCause:
    """Why a transaction ends: what triggered it and the reason it is reported with."""

    trigger: TriggerReason
    reason: StoppedReason


STOPPED_BY_BACKEND = StopCause(trigger=TriggerReason.REMOTE_STOP, reason=StoppedReason.REMOTE)
STOPPED_BY_RESET = StopCause(trigger=TriggerReason.RESET_COMMAND, reason=StoppedReason.IMMEDIATE_RESET)
STOPPED_DEAUTHORIZED = StopCause(trigger=TriggerReason.DEAUTHORIZED, reason=StoppedReason.DEAUTHORIZED)
STOPPED_BY_DRIVER = StopCause(trigger=TriggerReason.STOP_AUTHORIZED, reason=StoppedReason.LOCAL)
STOPPED_BY_MASTER_PASS = StopCause(trigger=TriggerReason.STOP_AUTHORIZED, reason=StoppedReason.MASTER_PASS)
STOPPED_BY_POWER_LOSS = StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.POWER_LOSS)
STOPPED_BY_UNPLUGGING = StopCause(trigger=TriggerReason.EV_COMMUNICATION_LOST, reason=StoppedReason.EV_DISCONNECTED)
STOPPED_BY_DEPARTURE = StopCause(trigger=TriggerReason.EV_DEPARTED, reason=StoppedReason.LOCAL)
STOPPED_BY_TIMEOUT = StopCause(trigger=TriggerReason.EV_CONNECT_TIMEOUT, reason=StoppedReason.TIMEOUT)
STOPPED_UNKNOWN = StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.OTHER)

_CAUSE_OF_FAULT = {
    "GroundFailure": StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.GROUND_FAULT),
    "EmergencyStop": StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.EMERGENCY_STOP),
    "OverCurrentFailure": StopCause(trigger=TriggerReason.ABNORMAL_CONDITION, reason=StoppedReason.OVERCURRENT_FAULT),
}


def cause_of_fault(codes: tuple[str, ...]) -> StopCause:
    """The cause that fits a station's active error codes."""
    return next((_CAUSE_OF_FAULT[code] for code in codes if code in _CAUSE_OF_FAULT), STOPPED_UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction from its start to its end.

    ``id`` is OCPP 2.0.1's (a UUID), ``number`` the integer by which a 1.x station knows it, ``seq_no`` the sequence
    number of the next TransactionEvent (Part 2, 1.3.2). Energies in Wh. ``evse`` 0: not known. ``key``, ``end_key``
    and ``sample_key`` are those of the reports of its start, its end and its last readings. ``charging_told`` says that
    the station itself tells the state of charging, which readings then do not overrule. ``phases`` is the number of
    phases that current flows over, as last told; None: not known.
    """

    id: str
    number: int
    evse: int
    connector: int
    started_at: datetime
    last_at: datetime
    token: Token | None
    seq_no: int = 0
    charging_state: ChargingState = ChargingState.EV_CONNECTED
    charging_told: bool = False
    phases: int | None = None
    meter_start: float | None = None
    meter_last: float | None = None
    remote_start_id: int | None = None
    reservation: int | None = None
    key: str = ""
    end_key: str = ""
    sample_key: str = ""
    key_given: bool = False
    stop_cause: StopCause | None = None
    ended_at: datetime | None = None

    @property
    def charges(self) -> bool:
        """True while energy flows; of a station that does not tell, while its transaction has a token."""
        if self.charging_state is ChargingState.CHARGING:
            return True
        return not self.charging_told and self.token is not None and self.charging_state is ChargingState.EV_CONNECTED

    @property
    def energy(self) -> float | None:
        """Energy charged so far in Wh, if the meter's start and a later register are known."""
        if self.meter_start is None or self.meter_last is None:
            return None
        return self.meter_last - self.meter_start
