"""The variables that the core profile gives to every station (OCPP 2.0.1 Part 2, Referenced Components and Variables).

A variable is only writable where a new value changes what happens. What a station decides by itself (meter sampling,
unlocking, the end of a transaction) is read-only until the station turns out to hold the setting; then the device
model takes the station's value and mutability. Where the box runs the transactions, ``box_sessions`` has them writable.

Left out, because nothing would follow from them: ``OCPPCommCtrlr.QueueAllMessages``, what is about signed meter
values where neither the station itself has such a setting nor the box a meter that signs, and of an OCPP 1.x station ``TxCtrlr.MaxEnergyOnInvalidId`` (it
cannot suspend) and ``AuthCtrlr.Enabled``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.installation import Installation, Outlet
from gateway.model.problems import COMPONENTS
from gateway.model.readings import ENERGY_REGISTER
from gateway.model.rules.connectors import UNREACHABLE
from gateway.model.station import Capability
from profiles.common.variable_specs import fixed, follows, place, writable
from profiles.core import authorization_variables, box_sessions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.model.device import VariableSpec
    from gateway.model.station import StationIdentity, StationState

DEVICE_DATA = "DeviceDataCtrlr"
ITEMS_PER_MESSAGE = 50
BYTES_PER_MESSAGE = 65_536
CONFIGURATION_VALUE_SIZE = 1000  # the schema's limit for SetVariableData.attributeValue
REPORTING_VALUE_SIZE = 2500  # the schema's limit for VariableAttribute.value

_DAY = 86_400
_ABSENT = ("SmartChargingCtrlr", "DisplayMessageCtrlr", "MonitoringCtrlr", "ISO15118Ctrlr")
"""Controllers of features that this profile does not have; a profile that has one defines the variable again."""


def core_variables(state: StationState, installation: Installation | None = None) -> Iterable[VariableSpec]:
    """Every variable that OCPP 2.0.1 asks of a station for what the core profile does.

    Args:
        state: The station; its connectors and capabilities decide which variables there are.
        installation: What the site file knows of it.
    """
    known = installation or Installation()
    yield from _communication(state)
    yield from _device_data()
    yield from authorization_variables.authorization(state, known)
    if Capability.BOX_SESSIONS in state.capabilities:
        yield from box_sessions.transactions(state)
        yield from box_sessions.metering(state, known)
    else:
        yield from _transactions()
        yield from _metering(state)
    if known.signs:
        yield from _signing()
    yield from _clock_and_security(state, known)
    yield from _station(state)
    yield from _evses(state, known)
    yield from _problems(state)
    yield from _absent()


def _communication(state: StationState) -> Iterator[VariableSpec]:
    name = "OCPPCommCtrlr"
    files = state.capabilities & {Capability.FIRMWARE_UPDATE, Capability.DIAGNOSTICS}
    yield fixed(name, "ActiveNetworkProfile", "1")
    yield fixed(name, "FileTransferProtocols", "FTP" if files else "")
    yield writable(name, "HeartbeatInterval", "300", minimum=1, maximum=_DAY)
    yield fixed(name, "MessageTimeout", "30", instance="Default")
    yield writable(name, "MessageAttempts", "5", instance="TransactionEvent", minimum=1, maximum=1000)
    yield writable(name, "MessageAttemptInterval", "60", instance="TransactionEvent", minimum=0, maximum=_DAY)
    yield fixed(name, "NetworkConfigurationPriority", "1", values=("1",))
    yield fixed(name, "NetworkProfileConnectionAttempts", "1")
    yield writable(name, "OfflineThreshold", "60", minimum=0, maximum=7 * _DAY)
    yield writable(name, "ResetRetries", "0", minimum=0, maximum=10)  # where the station does not retry by itself
    yield writable(name, "RetryBackOffRandomRange", "10", minimum=0, maximum=_DAY)
    yield writable(name, "RetryBackOffRepeatTimes", "5", minimum=0, maximum=20)
    yield writable(name, "RetryBackOffWaitMinimum", "10", minimum=1, maximum=_DAY)
    if {Capability.BOX_SESSIONS, Capability.UNLOCK} <= state.capabilities:
        yield writable(name, "UnlockOnEVSideDisconnect", "true")  # the box runs the sessions, and can open the lock
    else:
        yield follows(name, "UnlockOnEVSideDisconnect", "false")
    yield writable(name, "WebSocketPingInterval", "30", minimum=0, maximum=_DAY)


def _device_data() -> Iterator[VariableSpec]:
    for message in ("GetReport", "GetVariables", "SetVariables"):
        yield fixed(DEVICE_DATA, "ItemsPerMessage", str(ITEMS_PER_MESSAGE), instance=message)
        yield fixed(DEVICE_DATA, "BytesPerMessage", str(BYTES_PER_MESSAGE), instance=message)
    yield fixed(
        DEVICE_DATA,
        "ConfigurationValueSize",
        str(CONFIGURATION_VALUE_SIZE),
        maximum=CONFIGURATION_VALUE_SIZE,
    )
    yield fixed(DEVICE_DATA, "ReportingValueSize", str(REPORTING_VALUE_SIZE), maximum=REPORTING_VALUE_SIZE)


def _transactions() -> Iterator[VariableSpec]:
    name = "TxCtrlr"
    yield writable(name, "EVConnectionTimeOut", "60", minimum=1, maximum=_DAY)
    yield follows(name, "StopTxOnEVSideDisconnect", "true")
    yield follows(name, "StopTxOnInvalidId", "true")
    yield writable(name, "TxBeforeAcceptedEnabled", "true")
    yield fixed(name, "TxStartPoint", "PowerPathClosed", values=("PowerPathClosed",))
    yield fixed(name, "TxStopPoint", "EVConnected,Authorized", values=("EVConnected", "Authorized"))


def _metering(state: StationState) -> Iterator[VariableSpec]:
    name = "SampledDataCtrlr"
    yield fixed(name, "Available", "true")
    yield writable(name, "RegisterValuesWithoutPhases", "false")
    yield fixed(name, "TxStartedMeasurands", ENERGY_REGISTER, values=(ENERGY_REGISTER,), length=len(ENERGY_REGISTER))
    yield follows(name, "TxUpdatedMeasurands", ENERGY_REGISTER)
    yield follows(name, "TxUpdatedInterval", "0")
    yield follows(name, "TxEndedMeasurands", ENERGY_REGISTER)
    yield follows(name, "TxEndedInterval", "0")
    name = "AlignedDataCtrlr"
    yield fixed(name, "Available", "true")
    yield from box_sessions.during_idle(state)
    yield follows(name, "Measurands", "")
    yield follows(name, "Interval", "0")
    yield follows(name, "TxEndedMeasurands", "")
    yield follows(name, "TxEndedInterval", "0")


def _signing() -> Iterator[VariableSpec]:
    """A meter of the box signs begin and end of transactions (Part 2, 2.7.3): nothing between, so nothing aligned."""
    yield writable("SampledDataCtrlr", "SignReadings", "true")
    policy = writable("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue", "OncePerTransaction")
    yield replace(policy, values=("Never", "OncePerTransaction", "EveryMeterValue"))


def _clock_and_security(state: StationState, known: Installation) -> Iterator[VariableSpec]:
    yield place("ClockCtrlr", "DateTime", live=True)
    source = writable("ClockCtrlr", "TimeSource", "Heartbeat")
    yield replace(source, values=("Heartbeat", "RealTimeClock"))
    name = "SecurityCtrlr"
    yield fixed(name, "Identity", state.id, length=48)
    yield writable(name, "OrganizationName", "", length=64)  # X.520 limits an organization's name to 64
    yield fixed(name, "CertificateEntries", "0", maximum=0)
    yield fixed(name, "SecurityProfile", str(known.security_profile))


def _station(state: StationState) -> Iterator[VariableSpec]:
    name = "ChargingStation"
    yield place(name, "AvailabilityState", live=True)
    yield place(name, "Available", "true")
    yield place(name, "Problem", live=True)
    yield place(name, "SupplyPhases")
    if state.identity is not None:
        yield from _identity(state.identity)


def _identity(identity: StationIdentity) -> Iterator[VariableSpec]:
    for component, variable, value in (
        ("ChargingStation", "VendorName", identity.vendor),
        ("ChargingStation", "Model", identity.model),
        ("ChargingStation", "SerialNumber", identity.serial),
        ("Controller", "SerialNumber", identity.box_serial),
        ("Controller", "FirmwareVersion", identity.firmware),
        ("DataLink", "ICCID", identity.iccid),
        ("DataLink", "IMSI", identity.imsi),
        ("FiscalMetering", "Model", identity.meter_type),
        ("FiscalMetering", "SerialNumber", identity.meter_serial),
    ):
        if value:
            yield place(component, variable, value)


def _evses(state: StationState, known: Installation) -> Iterator[VariableSpec]:
    unknown = Outlet()
    for evse in (number for number in state.evses() if number):
        outlet = known.outlets.get((evse, 1), unknown)
        yield place("EVSE", "AvailabilityState", evse=evse, live=True)
        yield place("EVSE", "Available", "true", evse=evse)
        yield place("EVSE", "AllowReset", "true" if state.resets_evses else "false", evse=evse)
        yield place("EVSE", "Power", evse=evse, maximum=outlet.power, live=True)
        yield place("EVSE", "SupplyPhases", _phases(outlet), evse=evse)
        if state.bay(evse) is not None:
            yield place("BayOccupancySensor", "Active", "false", evse=evse, live=True)
    for connector in (c for c in state.connectors if c.evse):
        outlet = known.outlets.get((connector.evse, connector.connector), unknown)
        at = (connector.evse, connector.connector)
        yield place("Connector", "AvailabilityState", evse=at[0], connector=at[1], live=True)
        yield place("Connector", "Available", "true", evse=at[0], connector=at[1])
        yield place("Connector", "ConnectorType", outlet.connector_type, evse=at[0], connector=at[1])
        yield place("Connector", "SupplyPhases", _phases(outlet), evse=at[0], connector=at[1])


def _problems(state: StationState) -> Iterator[VariableSpec]:
    """A problem is the station's or an EVSE's, as the station says where it is."""
    yield place(UNREACHABLE.component, UNREACHABLE.variable, "false", live=True)
    for evse in (None, *(number for number in state.evses() if number)):
        for component, variable in sorted(COMPONENTS):
            yield place(component, variable, "false", evse=evse, live=True)


def _absent() -> Iterator[VariableSpec]:
    for component in _ABSENT:
        yield fixed(component, "Available", "false")
    for instance in ("Tariff", "Cost"):
        yield fixed("TariffCostCtrlr", "Available", "false", instance=instance)


def _phases(outlet: Outlet) -> str:
    return "" if outlet.phases is None else str(outlet.phases)
