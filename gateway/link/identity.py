"""The BootNotificationRequest of a station (OCPP 2.0.1 Part 2, 1.2.1, 2.13 and 2.33 of the messages and types). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.changes import BootReason
    from gateway.model.station import StationIdentity

_UNKNOWN = "Unknown"
# Lengths of ChargingStationType and ModemType.
_VENDOR = 50
_MODEL = 20
_SERIAL = 25
_FIRMWARE = 50
_SIM = 20


def boot_payload(identity: StationIdentity | None, *, vendor: str, model: str, reason: BootReason) -> Json:
    """What a station says of itself when it boots, cut to the lengths of the schema.

    Args:
        identity: what the station itself has said; None: nothing yet.
        vendor: to report instead of what the station says; "": as the station says.
        model: likewise.
        reason: why it boots (B01.FR.09).
    """
    station: Json = {
        "model": (model or (identity.model if identity else "") or _UNKNOWN)[:_MODEL],
        "vendorName": (vendor or (identity.vendor if identity else "") or _UNKNOWN)[:_VENDOR],
    }
    if identity is not None:
        optional = {
            "serialNumber": (identity.serial or identity.box_serial)[:_SERIAL],
            "firmwareVersion": identity.firmware[:_FIRMWARE],
        }
        station |= {key: value for key, value in optional.items() if value}
        sim = {"iccid": identity.iccid[:_SIM], "imsi": identity.imsi[:_SIM]}
        modem = {key: value for key, value in sim.items() if value}
        if modem:
            station["modem"] = modem
    return {"reason": reason.value, "chargingStation": station}
