"""Error codes of OCPP 1.x as problems of standard components (OCPP 2.0.1 appendix "Standardized Components")."""

from __future__ import annotations

from gateway.model.evse import Fault

_BY_CODE = {
    "ConnectorLockFailure": ("ConnectorPlugRetentionLock", "Problem"),  # G05.FR.02 names it
    "EVCommunicationError": ("CPPWMController", "Problem"),
    "GroundFailure": ("GroundIsolationProtection", "Problem"),
    "HighTemperature": ("TemperatureSensor", "Problem"),
    "InternalError": ("Controller", "Problem"),
    "LocalListConflict": ("LocalAuthListCtrlr", "Problem"),
    "Mode3Error": ("CPPWMController", "Problem"),
    "OtherError": ("Controller", "Problem"),
    "OverCurrentFailure": ("OverCurrentProtection", "Tripped"),
    "OverVoltage": ("ElectricalFeed", "Problem"),
    "PowerMeterFailure": ("FiscalMetering", "Problem"),
    "PowerSwitchFailure": ("PowerContactor", "Problem"),
    "ReaderFailure": ("TokenReader", "Problem"),
    "ResetFailure": ("Controller", "Problem"),
    "UnderVoltage": ("ElectricalFeed", "Problem"),
    "WeakSignal": ("DataLink", "Problem"),
}

ERROR_CODES = frozenset(_BY_CODE)
COMPONENTS = frozenset(_BY_CODE.values())
"""(component, variable) of every problem that an OCPP 1.x station can report."""

NO_ERROR = "NoError"


def fault_of(code: str, *, vendor_code: str = "", info: str = "") -> Fault | None:
    """The fault that an OCPP 1.x error code stands for; None for ``NoError``.

    A code that no version defines is a problem of the controller, with the code kept.
    """
    if not code or code == NO_ERROR:
        return None
    component, variable = _BY_CODE.get(code, ("Controller", "Problem"))
    return Fault(component=component, variable=variable, code=code, vendor_code=vendor_code, info=info)
