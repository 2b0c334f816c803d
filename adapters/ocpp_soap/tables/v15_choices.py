"""Enumerations of OCPP 1.5, with what stations are known to write instead."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Choices

AUTHORIZATION = Choices(values=("Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"))
ACCEPTED_OR_REJECTED = Choices(values=("Accepted", "Rejected"))
REGISTRATION = ACCEPTED_OR_REJECTED
RESET = Choices(values=("Hard", "Soft"))
AVAILABILITY = Choices(values=("Inoperative", "Operative"))
AVAILABILITY_STATUS = Choices(values=("Accepted", "Rejected", "Scheduled"))
CONFIGURATION_STATUS = Choices(values=("Accepted", "Rejected", "NotSupported"))
DATA_TRANSFER = Choices(
    values=("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"),
    aliases={"unknownvendor": "UnknownVendorId", "unknownmessage": "UnknownMessageId"},  # the specification's own text
)
RESERVATION_STATUS = Choices(values=("Accepted", "Faulted", "Occupied", "Rejected", "Unavailable"))
UPDATE = Choices(values=("Differential", "Full"))
UPDATE_STATUS = Choices(values=("Accepted", "Failed", "HashError", "NotSupported", "VersionMismatch"))
FIRMWARE_STATUS = Choices(values=("Downloaded", "DownloadFailed", "InstallationFailed", "Installed"))
DIAGNOSTICS_STATUS = Choices(values=("Uploaded", "UploadFailed"), aliases={"uploadfailure": "UploadFailed"})
CONNECTOR_STATUS = Choices(values=("Available", "Occupied", "Faulted", "Unavailable", "Reserved"))
ERROR_CODE = Choices(
    values=(
        "ConnectorLockFailure",
        "HighTemperature",
        "Mode3Error",
        "NoError",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "GroundFailure",
        "OverCurrentFailure",
        "UnderVoltage",
        "WeakSignal",
        "OtherError",
    ),
)
CONTEXT = Choices(
    values=(
        "Interruption.Begin",
        "Interruption.End",
        "Sample.Clock",
        "Sample.Periodic",
        "Transaction.Begin",
        "Transaction.End",
    ),
)
FORMAT = Choices(values=("Raw", "SignedData"))
LOCATION = Choices(values=("Inlet", "Outlet", "Body"))
MEASURAND = Choices(
    values=(
        "Energy.Active.Export.Register",
        "Energy.Active.Import.Register",
        "Energy.Reactive.Export.Register",
        "Energy.Reactive.Import.Register",
        "Energy.Active.Export.Interval",
        "Energy.Active.Import.Interval",
        "Energy.Reactive.Export.Interval",
        "Energy.Reactive.Import.Interval",
        "Power.Active.Export",
        "Power.Active.Import",
        "Power.Reactive.Export",
        "Power.Reactive.Import",
        "Current.Export",
        "Current.Import",
        "Voltage",
        "Temperature",
    ),
)
UNIT = Choices(
    values=("Wh", "kWh", "varh", "kvarh", "W", "kW", "var", "kvar", "Amp", "Volt", "Celsius"),
    aliases={
        "a": "Amp",
        "ampere": "Amp",
        "amps": "Amp",
        "v": "Volt",
        "volts": "Volt",
        "celcius": "Celsius",
        "c": "Celsius",
    },
)
