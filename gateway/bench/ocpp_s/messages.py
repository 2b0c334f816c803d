"""The content of what the station sends, each field in the schema's order (OCPP 1.5, section 6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.bench.ocpp_s.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from gateway.bench.car import Evse
    from gateway.bench.ocpp_s.config import StationConfig

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


def status(connector: int, state: str, error: str, at: str) -> Fields:
    """Write StatusNotification."""
    return {"connectorId": connector, "status": state, "errorCode": error, "timestamp": at}


def start(connector: int, token: str, at: str, meter: int, reservation: int | None) -> Fields:
    """Write StartTransaction."""
    return {
        "connectorId": connector,
        "idTag": token,
        "timestamp": at,
        "meterStart": meter,
        "reservationId": reservation,
    }


def stop(token: str, at: str, meter: int, data: Sequence[Fields]) -> Fields:
    """Write StopTransaction; the transaction id is filled in when it is sent."""
    return {
        "transactionId": None,
        "idTag": token or None,
        "timestamp": at,
        "meterStop": meter,
        "transactionData": {"values": list(data)} if data else None,
    }


def meter_values(connector: int, values: Sequence[Fields]) -> Fields:
    """Write MeterValues; the transaction id is filled in when it is sent."""
    return {"connectorId": connector, "transactionId": None, "values": list(values)}


def reading(evse: Evse, names: Iterable[str], context: str, at: str) -> Fields:
    """Write one meter reading.

    Args:
        evse: what is measured.
        names: measurands.
        context: ``Sample.Periodic``, ``Sample.Clock``, ``Transaction.Begin`` or ``Transaction.End``.
        at: time stamp.
    """
    return {"timestamp": at, "value": [_sample(evse, name, context) for name in names]}


def _sample(evse: Evse, name: str, context: str) -> Fields:
    value, unit = {
        "Energy.Active.Import.Register": (str(int(evse.register)), "Wh"),
        "Power.Active.Import": (f"{evse.power:.0f}", "W"),
        "Current.Import": (f"{evse.current:.1f}", "Amp"),
        "Voltage": (f"{evse.voltage:.1f}", "Volt"),
        "Temperature": ("25", "Celsius"),
    }[name]
    return {
        "$": value,
        "@context": context,
        "@format": "Raw",
        "@measurand": name,
        "@location": "Outlet",
        "@unit": unit,
    }
