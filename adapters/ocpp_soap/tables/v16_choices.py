"""Enumerations of OCPP 1.6, with what stations are known to write instead."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Choices
from adapters.ocpp_soap.tables.v15_choices import (
    ACCEPTED_OR_REJECTED,
    AUTHORIZATION,
    AVAILABILITY,
    AVAILABILITY_STATUS,
    DATA_TRANSFER,
    FORMAT,
    RESERVATION_STATUS,
    RESET,
    UPDATE,
)

__all__ = [
    "ACCEPTED_OR_REJECTED",
    "AUTHORIZATION",
    "AVAILABILITY",
    "AVAILABILITY_STATUS",
    "CLEAR_PROFILE_STATUS",
    "CONFIGURATION_STATUS",
    "CONNECTOR_STATUS",
    "CONTEXT",
    "DATA_TRANSFER",
    "DIAGNOSTICS_STATUS",
    "ERROR_CODE",
    "FIRMWARE_STATUS",
    "FORMAT",
    "LOCATION",
    "MEASURAND",
    "PHASE",
    "PROFILE_KIND",
    "PROFILE_PURPOSE",
    "PROFILE_STATUS",
    "RATE_UNIT",
    "REASON",
    "RECURRENCY",
    "REGISTRATION",
    "RESERVATION_STATUS",
    "RESET",
    "TRIGGER",
    "TRIGGER_STATUS",
    "UNIT",
    "UNLOCK_STATUS",
    "UPDATE",
    "UPDATE_STATUS",
]

REGISTRATION = Choices(values=("Accepted", "Pending", "Rejected"))
CONFIGURATION_STATUS = Choices(values=("Accepted", "NotSupported", "RebootRequired", "Rejected"))
UPDATE_STATUS = Choices(values=("Accepted", "Failed", "NotSupported", "VersionMismatch"))
UNLOCK_STATUS = Choices(values=("Unlocked", "UnlockFailed", "NotSupported"))
FIRMWARE_STATUS = Choices(
    values=("Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installed", "Installing")
)
DIAGNOSTICS_STATUS = Choices(
    values=("Idle", "Uploaded", "UploadFailed", "Uploading"), aliases={"uploadfailure": "UploadFailed"}
)
CONNECTOR_STATUS = Choices(
    values=(
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Reserved",
        "Faulted",
        "Unavailable",
    )
)
ERROR_CODE = Choices(
    values=(
        "ConnectorLockFailure",
        "EVCommunicationError",
        "GroundFailure",
        "HighTemperature",
        "InternalError",
        "LocalListConflict",
        "NoError",
        "OtherError",
        "OverCurrentFailure",
        "OverVoltage",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "UnderVoltage",
        "WeakSignal",
    ),
)
REASON = Choices(
    values=(
        "EmergencyStop",
        "EVDisconnected",
        "HardReset",
        "Local",
        "Other",
        "PowerLoss",
        "Reboot",
        "Remote",
        "SoftReset",
        "UnlockCommand",
        "DeAuthorized",
    ),
)
CONTEXT = Choices(
    values=(
        "Interruption.Begin",
        "Interruption.End",
        "Other",
        "Sample.Clock",
        "Sample.Periodic",
        "Transaction.Begin",
        "Transaction.End",
        "Trigger",
    ),
)
PHASE = Choices(values=("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1"))
LOCATION = Choices(values=("Body", "Cable", "EV", "Inlet", "Outlet"))
MEASURAND = Choices(
    values=(
        "Current.Export",
        "Current.Import",
        "Current.Offered",
        "Energy.Active.Export.Register",
        "Energy.Active.Import.Register",
        "Energy.Reactive.Export.Register",
        "Energy.Reactive.Import.Register",
        "Energy.Active.Export.Interval",
        "Energy.Active.Import.Interval",
        "Energy.Reactive.Export.Interval",
        "Energy.Reactive.Import.Interval",
        "Frequency",
        "Power.Active.Export",
        "Power.Active.Import",
        "Power.Factor",
        "Power.Offered",
        "Power.Reactive.Export",
        "Power.Reactive.Import",
        "RPM",
        "SoC",
        "Temperature",
        "Voltage",
    ),
)
UNIT = Choices(
    values=(
        "Celsius", "Fahrenheit", "Wh", "kWh", "varh", "kvarh", "W", "kW",
        "VA", "kVA", "var", "kvar", "A", "V", "K", "Percent",
    ),
    aliases={
        "amp": "A",
        "ampere": "A",
        "amps": "A",
        "volt": "V",
        "volts": "V",
        "celcius": "Celsius",  # so the JSON schemas of 1.6 have it, too
        "c": "Celsius",
        "%": "Percent",
    },
)  # fmt: skip
PROFILE_PURPOSE = Choices(values=("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"))
PROFILE_KIND = Choices(values=("Absolute", "Recurring", "Relative"))
PROFILE_STATUS = Choices(values=("Accepted", "Rejected", "NotSupported"))
CLEAR_PROFILE_STATUS = Choices(values=("Accepted", "Unknown"))
RECURRENCY = Choices(values=("Daily", "Weekly"))
RATE_UNIT = Choices(values=("W", "A"))
TRIGGER = Choices(
    values=(
        "BootNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "MeterValues",
        "StatusNotification",
    )
)
TRIGGER_STATUS = Choices(values=("Accepted", "Rejected", "NotImplemented"))
