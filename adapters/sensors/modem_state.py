"""What ModemManager knows of a modem, as points (ModemManager 1.x D-Bus reference: Modem, Modem3gpp, Signal, Sim). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.model.sensing import Value

PREFIX = "org.freedesktop.ModemManager1"
MODEM, THREE_GPP = f"{PREFIX}.Modem", f"{PREFIX}.Modem.Modem3gpp"
SIGNAL, SIM = f"{PREFIX}.Modem.Signal", f"{PREFIX}.Sim"

MEASURED = {"rssi": "dBm", "rsrp": "dBm", "rsrq": "dB", "snr": "dB"}
"""What the modem measures of the cell, only where it can: point -> unit."""
UNITS = {
    "signal_quality": "%", **MEASURED, "registered": "", "roaming": "", "connected": "", "state": "",
    "access_technology": "", "operator": "", "operator_code": "", "imei": "", "imsi": "", "iccid": "",
    "manufacturer": "", "model": "", "firmware": "",
}  # fmt: skip
"""Every point -> unit."""

_STATES = (
    "failed", "unknown", "initializing", "locked", "disabled", "disabling", "enabling", "enabled", "searching",
    "registered", "disconnecting", "connecting", "connected",
)  # fmt: skip
"""MMModemState from -1 on."""
_HOME, _ROAMING = frozenset({1, 6, 9}), frozenset({5, 7, 10})
"""MMModem3gppRegistrationState: registered at home and abroad, also where it is for SMS only or without CSFB."""
_TECHNOLOGIES = (
    "pots", "gsm", "gsm-compact", "gprs", "edge", "umts", "hsdpa", "hsupa", "hspa", "hspa-plus", "1xrtt", "evdo0",
    "evdoa", "evdob", "lte", "5gnr", "lte-cat-m", "lte-nb-iot",
)  # fmt: skip
"""MMModemAccessTechnology, bit by bit."""
_GENERATIONS = ("Nr5g", "Lte", "Umts", "Gsm", "Evdo", "Cdma")
"""Where the signal's values stand, the newest first."""
_NOTHING = -1000.0
"""dBm below which a value only says that there is none."""


def is_called(properties: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """Whether a modem, by interface and property, is the one that the site names, by its IMEI or by a port such as ``cdc-wdm0``."""
    modem = properties.get(MODEM, {})
    ports = {str(modem.get("PrimaryPort")), *(str(port) for port, _ in modem.get("Ports", ()))}
    return name == modem.get("EquipmentIdentifier") or name in ports


def points(properties: Mapping[str, Mapping[str, Any]], sim: Mapping[str, Any]) -> dict[str, Value]:
    """What there is of a modem; what it does not know is left out."""
    modem, network = properties.get(MODEM, {}), properties.get(THREE_GPP, {})
    found: dict[str, Value] = dict(_texts(modem, network, sim))
    if "SignalQuality" in modem:
        found["signal_quality"] = float(modem["SignalQuality"][0])
    if "State" in modem:
        found["state"] = _state(modem["State"])
        found["connected"] = found["state"] == "connected"
    if "RegistrationState" in network:
        found["registered"] = network["RegistrationState"] in _HOME | _ROAMING
        found["roaming"] = network["RegistrationState"] in _ROAMING
    elif "State" in modem:  # CDMA, or a modem that is locked or switched off
        found["registered"] = found["state"] in {"registered", "disconnecting", "connecting", "connected"}
    return found | _measured(properties.get(SIGNAL, {}))


def _state(number: int) -> str:
    return _STATES[number + 1] if -1 <= number < len(_STATES) - 1 else f"unknown-{number}"


def _texts(modem: Mapping[str, Any], network: Mapping[str, Any], sim: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    bits = modem.get("AccessTechnologies", 0)
    technologies = ", ".join(name for bit, name in enumerate(_TECHNOLOGIES) if bits >> bit & 1)
    texts = {
        "access_technology": technologies,
        "operator": network.get("OperatorName") or sim.get("OperatorName"),
        "operator_code": network.get("OperatorCode") or sim.get("OperatorIdentifier"),
        "imei": network.get("Imei") or modem.get("EquipmentIdentifier"),
        "imsi": sim.get("Imsi"),
        "iccid": sim.get("SimIdentifier"),
        "manufacturer": modem.get("Manufacturer"),
        "model": modem.get("Model"),
        "firmware": modem.get("Revision"),
    }
    yield from ((name, str(text)) for name, text in texts.items() if text)


def _measured(signal: Mapping[str, Any]) -> dict[str, Value]:
    """The values of the newest generation that has any."""
    for generation in _GENERATIONS:
        values = signal.get(generation, {})
        known = {name: float(values[name]) for name in MEASURED if values.get(name, _NOTHING) > _NOTHING}
        if known:
            return dict(known)
    return {}
