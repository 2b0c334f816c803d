"""What an OCPP 1.6 station says that it can do (1.6, 3.3 and chapter 9; security extension, chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from adapters.ocpp1x.fields import records, text
from gateway.model.station import Capability

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields

_PROFILES = "SupportedFeatureProfiles"
_STACK = "ChargeProfileMaxStackLevel"
_UNITS = "ChargingScheduleAllowedChargingRateUnit"
_SECURITY = ("SecurityProfile", "AdditionalRootCertificateCheck", "CertificateStoreMaxLength")
_PLUG_AND_CHARGE = "ISO15118PnCEnabled"
KEYS = (_PROFILES, _STACK, _UNITS, *_SECURITY, _PLUG_AND_CHARGE)
"""The keys that tell it."""

_NEEDED = {
    Capability.LOCAL_LIST: "localauthlistmanagement",
    Capability.RESERVATION: "reservation",
    Capability.FIRMWARE_UPDATE: "firmwaremanagement",
    Capability.SIGNED_FIRMWARE: "firmwaremanagement",
    Capability.DIAGNOSTICS: "firmwaremanagement",
    Capability.TRIGGER: "remotetrigger",
    Capability.SMART_CHARGING: "smartcharging",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The answer of one station.

    ``profiles`` are casefolded names, ``stack_level`` is the highest that a charging profile may have. ``power`` says
    that limits can only be given in W. ``security`` says that it has the security extension, ``plug_and_charge`` that
    it has that for ISO 15118.
    """

    profiles: frozenset[str]
    stack_level: int = 0
    power: bool = False
    security: bool = False
    plug_and_charge: bool = False

    def capabilities(self, of_version: frozenset[Capability]) -> frozenset[Capability]:
        """What is left of all that its version knows."""
        listed = {c for c in of_version if c not in _NEEDED or _NEEDED[c] in self.profiles}
        without = set() if self.security else {Capability.SIGNED_FIRMWARE}
        return frozenset(listed - without - (set() if self.plug_and_charge else {Capability.PLUG_AND_CHARGE}))

    def to_note(self) -> str:
        """One line to keep."""
        told = [sorted(self.profiles), self.stack_level, self.power, self.security, self.plug_and_charge]
        return orjson.dumps(told).decode()


def features_of(answer: Fields) -> Features | None:
    """Read a GetConfiguration answer; None when it does not say which profiles the station has."""
    values = {
        (text(entry, "key") or "").casefold(): (text(entry, "value") or "").strip()
        for entry in records(answer, "configurationKey")
    }
    profiles = _members(values.get(_PROFILES.casefold(), ""))
    if not profiles:
        return None
    units = _members(values.get(_UNITS.casefold(), ""))
    level = values.get(_STACK.casefold(), "")
    return Features(
        profiles=profiles,
        stack_level=int(level) if level.isascii() and level.isdigit() else 0,
        power=bool(units & {"power", "w"}) and not units & {"current", "a"},
        security=any(key.casefold() in values for key in _SECURITY),
        plug_and_charge=_PLUG_AND_CHARGE.casefold() in values,
    )


def _members(listed: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in listed.split(",") if part.strip())


def from_note(note: str) -> Features | None:
    """Read back what was kept; None where it cannot be read."""
    try:
        profiles, level, power, security, plug_and_charge = orjson.loads(note)
        return Features(
            profiles=frozenset(profiles),
            stack_level=int(level),
            power=bool(power),
            security=bool(security),
            plug_and_charge=bool(plug_and_charge),
        )
    except (ValueError, TypeError):
        return None
