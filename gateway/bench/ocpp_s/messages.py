"""The content of what the station sends, each field in its version's order (OCPP 1.5 and 1.6, section 6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.bench.ocpp_s.dialects import Dialect, Readings
from gateway.bench.ocpp_s.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from gateway.bench.car import Evse
    from gateway.bench.ocpp_s.config import StationConfig

_PHASES = ("L1", "L2", "L3")
_BY_PHASE = {"Current.Import", "Voltage"}

Fields = dict[str, Any]
"""The content of one message, in the order in which it is written."""


def stamp(at: datetime, quirks: AbstractSet[Quirk] = frozenset()) -> str:
    """Write a time stamp: UTC with milliseconds and Z."""
    text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}"
    return text if Quirk.NAIVE_TIME in quirks else text + "Z"


def instant(text: str) -> datetime:
    """Read a time stamp; one without a zone counts as UTC.

    Raises:
        ValueError: it is not an ISO 8601 date and time.
    """
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def boot(config: StationConfig, firmware: str) -> Fields:
    """Write BootNotification."""
    unknown = "" if Quirk.EMPTY_OPTIONALS in config.quirks else None
    return {
        "chargePointVendor": config.vendor,
        "chargePointModel": config.model,
        "chargePointSerialNumber": config.serial,
        "chargeBoxSerialNumber": unknown,
        "firmwareVersion": firmware,
        "iccid": unknown,
        "imsi": unknown,
        "meterType": "Bench meter",
        "meterSerialNumber": unknown,
    }


def status(dialect: Dialect, connector: int, state: tuple[str, str], at: str) -> Fields:
    """Write StatusNotification of a status and an error code."""
    fields: Fields = {"connectorId": connector, "status": state[0], "errorCode": state[1]}
    return fields if dialect.plain else fields | {"timestamp": at}


def start(connector: int, token: str, at: str, meter: int, reservation: int | None) -> Fields:
    """Write StartTransaction; without a reservation it is the same in all versions."""
    return {
        "connectorId": connector,
        "idTag": token,
        "timestamp": at,
        "meterStart": meter,
        "reservationId": reservation,
    }


def stop(dialect: Dialect, token: str, at: str, meter: int, data: Sequence[Fields], reason: str) -> Fields:
    """Write StopTransaction; the transaction id is filled in when it is sent."""
    fields: Fields = {"transactionId": None, "idTag": token or None, "timestamp": at, "meterStop": meter}
    if dialect.plain:
        return fields
    if dialect.readings is Readings.ELEMENTS:
        return fields | {"reason": dialect.reasons.get(reason), "transactionData": list(data)}
    return fields | {"transactionData": {"values": list(data)} if data else None}


def meter_values(dialect: Dialect, connector: int, values: Sequence[Fields]) -> Fields:
    """Write MeterValues; the transaction id is filled in when it is sent."""
    fields: Fields = {"connectorId": connector}
    if not dialect.plain:
        fields["transactionId"] = None
    fields["meterValue" if dialect.readings is Readings.ELEMENTS else "values"] = list(values)
    return fields


def reading(dialect: Dialect, evse: Evse, names: Iterable[str], context: str, at: str) -> Fields:
    """Write one meter reading; that of 1.2 is the register, whatever was asked for.

    Args:
        dialect: how it is written.
        evse: what is measured.
        names: measurands.
        context: ``Sample.Periodic``, ``Sample.Clock``, ``Transaction.Begin`` or ``Transaction.End``.
        at: time stamp.
    """
    if dialect.readings is Readings.NUMBER:
        return {"timestamp": at, "value": int(evse.register)}
    if dialect.readings is Readings.ATTRIBUTES:
        return {"timestamp": at, "value": [_attributes(evse, name, context) for name in names]}
    return {"timestamp": at, "sampledValue": [item for name in names for item in _elements(evse, name, context)]}


def _attributes(evse: Evse, name: str, context: str) -> Fields:
    value, unit = _value(evse, name)
    return {
        "$": value,
        "@context": context,
        "@format": "Raw",
        "@measurand": name,
        "@location": "Outlet",
        "@unit": {"A": "Amp", "V": "Volt"}.get(unit, unit),
    }


def _elements(evse: Evse, name: str, context: str) -> Iterator[Fields]:
    """Currents and voltages come phase by phase, all else once."""
    value, unit = _value(evse, name)
    for phase in _PHASES[: evse.phases] if name in _BY_PHASE else (None,):
        yield {
            "value": value,
            "context": context,
            "format": "Raw",
            "measurand": name,
            "phase": f"{phase}-N" if phase and name == "Voltage" else phase,
            "location": "Outlet",
            "unit": unit,
        }


def _value(evse: Evse, name: str) -> tuple[str, str]:
    """The value of a measurand, and its unit."""
    return {
        "Energy.Active.Import.Register": (str(int(evse.register)), "Wh"),
        "Power.Active.Import": (f"{evse.power:.0f}", "W"),
        "Current.Import": (f"{evse.current:.1f}", "A"),
        "Voltage": (f"{evse.voltage:.1f}", "V"),
        "Temperature": ("25", "Celsius"),
    }[name]
