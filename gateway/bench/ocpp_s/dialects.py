"""The versions of OCPP over SOAP that the simulated station speaks, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from gateway.bench.ocpp_s.keys import KEYS_15, KEYS_16
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.ocpp_s.keys import Key


COARSE = dict.fromkeys(("Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"), "Occupied")
"""The states of 1.6 as earlier versions have them."""


class Readings(Enum):
    """How a meter reading is written."""

    NUMBER = auto()
    """One whole number of Wh (1.2)."""
    ATTRIBUTES = auto()
    """Values that attributes describe (1.5)."""
    ELEMENTS = auto()
    """Values that elements describe, phase by phase (1.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One version.

    Args:
        version: ``1.2``, ``1.5`` or ``1.6``.
        central_system: namespace of the central system's service.
        charge_point: namespace of the station's own service.
        faults: namespace of the sub-codes of faults.
        commands: what the central system may call.
        error_codes: ChargePointErrorCode without NoError.
        keys: configuration keys.
        readings: how meter readings are written.
        interval: the heartbeat interval in the answer to a boot.
        unlocked: what UnlockConnector is answered by, done and refused.
        local_list: the entries in SendLocalList.
        plain: its messages have neither times of states, nor reservations, nor data of transactions.
        progress: it tells of uploads, downloads and installations while they run.
        states: what StatusNotification calls the states of 1.6.
        reasons: what StopTransaction calls the reasons of the ledger; empty: it has none.
    """

    version: str
    central_system: str
    charge_point: str
    faults: str
    commands: frozenset[str]
    error_codes: frozenset[str]
    keys: Mapping[str, Key] = field(default_factory=lambda: KEYS_15)
    readings: Readings = Readings.ATTRIBUTES
    interval: str = "heartbeatInterval"
    unlocked: tuple[str, str] = ("Accepted", "Rejected")
    local_list: str = "localAuthorisationList"
    plain: bool = False
    progress: bool = False
    states: Mapping[str, str] = field(default_factory=lambda: COARSE)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def state(self, state: str) -> str:
        """What this version calls a state of 1.6."""
        return self.states.get(state, state)

    @property
    def protocol(self) -> str:
        """The name that the command line has for it."""
        return f"ocpp{self.version}s"


_COMMANDS_12 = frozenset(
    {
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "GetDiagnostics",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "Reset",
        "UnlockConnector",
        "UpdateFirmware",
    }
)
_COMMANDS_15 = _COMMANDS_12 | {
    "CancelReservation",
    "DataTransfer",
    "GetConfiguration",
    "GetLocalListVersion",
    "ReserveNow",
    "SendLocalList",
}
_COMMANDS_16 = _COMMANDS_15 | {"ClearChargingProfile", "GetCompositeSchedule", "SetChargingProfile", "TriggerMessage"}
_ERRORS_12 = frozenset(
    {
        "ConnectorLockFailure",
        "HighTemperature",
        "Mode3Error",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
    }
)
_ERRORS_15 = _ERRORS_12 | {"GroundFailure", "OverCurrentFailure", "UnderVoltage", "WeakSignal", "OtherError"}
_ERRORS_16 = (_ERRORS_15 - {"Mode3Error"}) | {
    "EVCommunicationError",
    "InternalError",
    "LocalListConflict",
    "OverVoltage",
}

V12 = Dialect(
    version="1.2",
    central_system="urn://Ocpp/Cs/2010/08/",
    charge_point="urn://Ocpp/Cp/2010/08/",
    faults="urn://Ocpp/2010/08/",
    commands=_COMMANDS_12,
    error_codes=_ERRORS_12,
    readings=Readings.NUMBER,
    plain=True,
)
V15 = Dialect(
    version="1.5",
    central_system="urn://Ocpp/Cs/2012/06/",
    charge_point="urn://Ocpp/Cp/2012/06/",
    faults="urn://Ocpp/2012/02/",
    commands=_COMMANDS_15,
    error_codes=_ERRORS_15,
)
V16 = Dialect(
    version="1.6",
    central_system="urn://Ocpp/Cs/2015/10/",
    charge_point="urn://Ocpp/Cp/2015/10/",
    faults="urn://Ocpp/Cp/2015/10/",
    commands=_COMMANDS_16,
    error_codes=_ERRORS_16,
    keys=KEYS_16,
    readings=Readings.ELEMENTS,
    interval="interval",
    unlocked=("Unlocked", "UnlockFailed"),
    local_list="localAuthorizationList",
    progress=True,
    states={},
    reasons={
        "Local": "Local",
        "Remote": "Remote",
        "EVDisconnected": "EVDisconnected",
        "Fault": "Other",
        "Unlock": "UnlockCommand",
        "Reset": "HardReset",
        "SoftReset": "SoftReset",
        "PowerLoss": "PowerLoss",
        "DeAuthorized": "DeAuthorized",
    },
)
DIALECTS = (V12, V15, V16)


def dialect_of(protocol: str) -> Dialect:
    """Find a dialect by the name that the command line has for it.

    Raises:
        GatewayError: ``version-unknown``.
    """
    for dialect in DIALECTS:
        if dialect.protocol == protocol:
            return dialect
    raise GatewayError("version-unknown", version=protocol)
