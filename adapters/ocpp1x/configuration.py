"""The configuration keys of a 1.x station as variables of the OCPP 2.0.1 device model, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import flag, records, text
from gateway.model.events import StationVariable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.ocpp1x.fields import Fields

LEGACY = "LegacyStation"
"""Component of every key that OCPP 2.0.1 has no variable for; the variable is the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A key of the specification: its spelling, and the variable that it is ("" for one that 2.0.1 does not have)."""

    key: str
    component: str = LEGACY
    variable: str = ""
    read_only: bool = False


_KEYS_15 = (
    # The interval that the box asks of the station is not the one that the CSMS asks of the box.
    Standard(key="HeartBeatInterval"),
    Standard(key="ConnectionTimeOut", component="TxCtrlr", variable="EVConnectionTimeOut"),
    Standard(key="ProximityContactRetries"),
    Standard(key="ProximityLockRetries"),
    Standard(key="ResetRetries", component="OCPPCommCtrlr", variable="ResetRetries"),
    Standard(key="BlinkRepeat"),
    Standard(key="LightIntensity"),
    # The station's name is how it is recognised: it is shown, and never changed from afar.
    Standard(key="ChargePointId", read_only=True),
    Standard(key="MeterValueSampleInterval", component="SampledDataCtrlr", variable="TxUpdatedInterval"),
    Standard(key="ClockAlignedDataInterval", component="AlignedDataCtrlr", variable="Interval"),
    Standard(key="MeterValuesSampledData", component="SampledDataCtrlr", variable="TxUpdatedMeasurands"),
    Standard(key="MeterValuesAlignedData", component="AlignedDataCtrlr", variable="Measurands"),
    Standard(key="StopTxnSampledData", component="SampledDataCtrlr", variable="TxEndedMeasurands"),
    Standard(key="StopTxnAlignedData", component="AlignedDataCtrlr", variable="TxEndedMeasurands"),
)

KEYS_15: Mapping[str, Standard] = {standard.key.casefold(): standard for standard in _KEYS_15}
"""OCPP 1.5, chapter 9."""

_OF_12 = (
    "HeartBeatInterval",
    "ConnectionTimeOut",
    "ProximityContactRetries",
    "ProximityLockRetries",
    "ResetRetries",
    "BlinkRepeat",
    "LightIntensity",
    "ChargePointId",
    "MeterValueSampleInterval",
)
KEYS_12: Mapping[str, Standard] = {name.casefold(): KEYS_15[name.casefold()] for name in _OF_12}
"""OCPP 1.2, chapter 7."""

_OF_15 = ("HeartBeatInterval", "ProximityContactRetries", "ProximityLockRetries", "ChargePointId")
_KEYS_16 = (
    *(standard for standard in _KEYS_15 if standard.key not in _OF_15),
    Standard(key="HeartbeatInterval"),
    Standard(key="MaxEnergyOnInvalidId", component="TxCtrlr", variable="MaxEnergyOnInvalidId"),
    Standard(key="StopTransactionOnEVSideDisconnect", component="TxCtrlr", variable="StopTxOnEVSideDisconnect"),
    Standard(key="StopTransactionOnInvalidId", component="TxCtrlr", variable="StopTxOnInvalidId"),
    Standard(key="UnlockConnectorOnEVSideDisconnect", component="OCPPCommCtrlr", variable="UnlockOnEVSideDisconnect"),
    # Application note "Signed Meter Values in OCPP", 3.3; its other keys have no variable in 2.0.1.
    Standard(key="AlignedDataSignReadings", component="AlignedDataCtrlr", variable="SignReadings"),
    Standard(key="SampledDataSignReadings", component="SampledDataCtrlr", variable="SignReadings"),
    Standard(key="PublicKeyWithSignedMeterValue", component="OCPPCommCtrlr", variable="PublicKeyWithSignedMeterValue"),
    # Application note "Using ISO 15118 Plug & Charge with OCPP 1.6".
    Standard(key="ISO15118PnCEnabled", component="ISO15118Ctrlr", variable="PnCEnabled"),
    Standard(key="ContractValidationOffline", component="ISO15118Ctrlr", variable="ContractValidationOffline"),
    Standard(
        key="CentralContractValidationAllowed",
        component="ISO15118Ctrlr",
        variable="CentralContractValidationAllowed",
    ),
    # Whether a token may charge is the box's decision: what the station would decide alone is another thing.
    Standard(key="AllowOfflineTxForUnknownId"),
    Standard(key="AuthorizationCacheEnabled"),
    Standard(key="AuthorizeRemoteTxRequests"),
    Standard(key="LocalAuthListEnabled"),
    Standard(key="LocalAuthorizeOffline"),
    Standard(key="LocalPreAuthorize"),
    # These are of the way between the station and the box.
    Standard(key="TransactionMessageAttempts"),
    Standard(key="TransactionMessageRetryInterval"),
    Standard(key="WebSocketPingInterval"),
    # Changed from afar they would lock the station out of the box.
    Standard(key="AuthorizationKey", read_only=True),
    Standard(key="SecurityProfile", read_only=True),
    Standard(key="ChargeProfileMaxStackLevel", read_only=True),
    Standard(key="ChargingScheduleAllowedChargingRateUnit", read_only=True),
    Standard(key="ChargingScheduleMaxPeriods", read_only=True),
    Standard(key="ConnectorPhaseRotation"),
    Standard(key="ConnectorSwitch3to1PhaseSupported", read_only=True),
    Standard(key="GetConfigurationMaxKeys", read_only=True),
    Standard(key="LocalAuthListMaxLength", read_only=True),
    Standard(key="MaxChargingProfilesInstalled", read_only=True),
    Standard(key="NumberOfConnectors", read_only=True),
    Standard(key="ReserveConnectorZeroSupported", read_only=True),
    Standard(key="SendLocalListMaxLength", read_only=True),
    Standard(key="SupportedFeatureProfiles", read_only=True),
)

KEYS_16: Mapping[str, Standard] = {standard.key.casefold(): standard for standard in _KEYS_16}
"""OCPP 1.6, chapter 9, and the security extension, chapter 7."""


def variables_of(answer: Fields, keys: Mapping[str, Standard]) -> tuple[StationVariable, ...]:
    """The settings in a GetConfiguration answer; of a key that comes twice, the first counts.

    Args:
        answer: as decoded.
        keys: the version's own keys, by casefolded name.
    """
    found: dict[str, StationVariable] = {}
    for entry in records(answer, "configurationKey"):
        key = text(entry, "key")
        if not key or key.casefold() in found:
            continue
        standard = keys.get(key.casefold(), Standard(key=key))
        found[key.casefold()] = StationVariable(
            key=key,
            component=standard.component,
            variable=standard.variable or key,
            value=text(entry, "value") or "",
            read_only=standard.read_only or bool(flag(entry, "readonly")),
        )
    return tuple(found.values())


def unread_variables(keys: Mapping[str, Standard]) -> tuple[StationVariable, ...]:
    """The settings of a station that can be told them and cannot tell them: 1.2 has no GetConfiguration."""
    return tuple(
        StationVariable(
            key=standard.key,
            component=standard.component,
            variable=standard.variable or standard.key,
            value="",
            read_only=False,
            unread=True,
        )
        for standard in keys.values()
        if not standard.read_only
    )
