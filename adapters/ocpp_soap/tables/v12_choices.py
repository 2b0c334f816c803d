"""Enumerations of OCPP 1.2: fewer states and error codes than 1.5, the others are the same."""

from __future__ import annotations

from adapters.ocpp_soap.schema import Choices
from adapters.ocpp_soap.tables.v15_choices import (
    ACCEPTED_OR_REJECTED,
    AUTHORIZATION,
    AVAILABILITY,
    AVAILABILITY_STATUS,
    CONFIGURATION_STATUS,
    DIAGNOSTICS_STATUS,
    FIRMWARE_STATUS,
    REGISTRATION,
    RESET,
)

__all__ = [
    "ACCEPTED_OR_REJECTED",
    "AUTHORIZATION",
    "AVAILABILITY",
    "AVAILABILITY_STATUS",
    "CONFIGURATION_STATUS",
    "CONNECTOR_STATUS",
    "DIAGNOSTICS_STATUS",
    "ERROR_CODE",
    "FIRMWARE_STATUS",
    "REGISTRATION",
    "RESET",
]

CONNECTOR_STATUS = Choices(values=("Available", "Occupied", "Faulted", "Unavailable"))
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
    ),
)
