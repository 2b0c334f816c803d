"""The configuration keys of the simulated station (OCPP 1.5, section 9; 1.6, section 9; and two of its vendor)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEASURANDS = frozenset(
    {"Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "Temperature"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A configuration key.

    Args:
        default: the value from the factory.
        readonly: whether the central system may not write it.
        numeric: whether its value is a whole number from 0.
        measurands: whether its value is a list of measurands.
    """

    default: str
    readonly: bool = False
    numeric: bool = False
    measurands: bool = False

    def accepts(self, value: str) -> bool:
        """Tell whether a value fits the key."""
        if self.numeric:
            return value.isascii() and value.isdigit()
        if self.measurands:
            return all(name.strip() in _MEASURANDS for name in value.split(",") if name.strip())
        return True


MAX_CURRENT = "BenchMaxCurrent"
"""Key of the vendor's, with the number of a connector behind it: A per phase, below 6 a pause."""

_KEYS: Mapping[str, Key] = {
    "ConnectionTimeOut": Key(default="60", numeric=True),
    "ResetRetries": Key(default="3", numeric=True),
    "BlinkRepeat": Key(default="3", numeric=True),
    "LightIntensity": Key(default="80", numeric=True),
    "ChargePointId": Key(default="", readonly=True),
    "MeterValueSampleInterval": Key(default="60", numeric=True),
    "ClockAlignedDataInterval": Key(default="0", numeric=True),
    "MeterValuesSampledData": Key(default="Energy.Active.Import.Register,Power.Active.Import", measurands=True),
    "MeterValuesAlignedData": Key(default="Energy.Active.Import.Register", measurands=True),
    "StopTxnSampledData": Key(default="Energy.Active.Import.Register", measurands=True),
    "StopTxnAlignedData": Key(default="", measurands=True),
    "ProximityContactRetries": Key(default="2", numeric=True, readonly=True),
    "ProximityLockRetries": Key(default="2", numeric=True, readonly=True),
    "BenchFanThreshold": Key(default="45", numeric=True),
    "BenchHardwareRevision": Key(default="B2", readonly=True),
    f"{MAX_CURRENT}1": Key(default="32", numeric=True),
    f"{MAX_CURRENT}2": Key(default="32", numeric=True),
}

KEYS_15: Mapping[str, Key] = {"HeartBeatInterval": Key(default="300", numeric=True), **_KEYS}
KEYS_16: Mapping[str, Key] = {
    "HeartbeatInterval": Key(default="300", numeric=True),
    **{name: key for name, key in _KEYS.items() if not name.startswith("Proximity")},
    "AuthorizeRemoteTxRequests": Key(default="false", readonly=True),
    "ChargeProfileMaxStackLevel": Key(default="8", readonly=True),
    "ChargingScheduleAllowedChargingRateUnit": Key(default="Current,Power", readonly=True),
    "ChargingScheduleMaxPeriods": Key(default="24", readonly=True),
    "GetConfigurationMaxKeys": Key(default="100", readonly=True),
    "LocalAuthListEnabled": Key(default="true"),
    "LocalAuthListMaxLength": Key(default="1000", readonly=True),
    "LocalAuthorizeOffline": Key(default="true"),
    "LocalPreAuthorize": Key(default="false"),
    "MaxChargingProfilesInstalled": Key(default="10", readonly=True),
    "NumberOfConnectors": Key(default="", readonly=True),
    "ReserveConnectorZeroSupported": Key(default="false", readonly=True),
    "SendLocalListMaxLength": Key(default="1000", readonly=True),
    "StopTransactionOnEVSideDisconnect": Key(default="true", readonly=True),
    "StopTransactionOnInvalidId": Key(default="true", readonly=True),
    "SupportedFeatureProfiles": Key(
        default="Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger", readonly=True
    ),
    "TransactionMessageAttempts": Key(default="3", numeric=True),
    "TransactionMessageRetryInterval": Key(default="60", numeric=True),
    "UnlockConnectorOnEVSideDisconnect": Key(default="true", readonly=True),
}


class Keys:
    """The values of the configuration keys; keys are compared without case.

    Args:
        known: the keys of the station's version.
        values: what was written before; other keys have their default.
    """

    def __init__(self, known: Mapping[str, Key], values: dict[str, str]) -> None:
        self.known = known
        self.written = values

    def find(self, name: str) -> str:
        """Give a key's own spelling.

        Raises:
            GatewayError: ``unknown-key``.
        """
        if name in self.known:
            return name
        for key in self.known:
            if key.casefold() == name.casefold():
                return key
        raise GatewayError("unknown-key", key=name)

    def get(self, name: str) -> str:
        """Give the value of a known key."""
        key = self.find(name)
        return self.written.get(key, self.known[key].default)

    def number(self, name: str) -> int:
        """Give the value of a known numeric key."""
        return int(self.get(name))

    def measurands(self, name: str) -> tuple[str, ...]:
        """Give the measurands that a known key lists."""
        return tuple(item.strip() for item in self.get(name).split(",") if item.strip())

    def put(self, name: str, value: str) -> None:
        """Write a known key, whatever its value may be."""
        self.written[self.find(name)] = value

    def change(self, name: str, value: str) -> str:
        """Write a key as ChangeConfiguration does and give its status."""
        try:
            key = self.find(name)
        except GatewayError:
            return "NotSupported"
        if self.known[key].readonly or not self.known[key].accepts(value):
            return "Rejected"
        self.written[key] = value
        return "Accepted"
