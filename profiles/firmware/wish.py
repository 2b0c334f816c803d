"""What an UpdateFirmwareRequest asks for (OCPP 2.0.1 Part 2, 1.54.1), and who is to do it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.rules.stations import firmware_busy, firmware_idle
from gateway.model.station import Capability
from profiles.common.transfers.locations import ENCRYPTED, address
from profiles.common.wire import is_file_location, moment
from profiles.firmware.order import Order

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json, Refusal
    from gateway.model.station import StationState

RETRIES, RETRY_INTERVAL = 3, 60
"""Where the CSMS leaves both to the box."""

MOST_RETRIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The request; "" or None for what is not in it. ``interval`` in seconds."""

    request_id: int
    location: str = field(repr=False)
    retrieve_at: datetime
    install_at: datetime | None
    certificate: str
    signature: str
    retries: int | None
    interval: int | None

    def needs_box(self, state: StationState, now: datetime) -> bool:
        """Tell whether the box has to fetch it for a station.

        It has to verify what is signed, to keep it for a time, or to speak a protocol that an old station does not.
        """
        if verifies(state):
            return False
        kept = self.install_at is not None and self.install_at > max(self.retrieve_at, now)
        url = address(self.location)
        return bool(self.signature) or kept or (url is not None and url.scheme in ENCRYPTED)

    def order(self, secret: str) -> Order:
        """The order to the box."""
        return Order(
            request_id=self.request_id,
            location=self.location,
            retrieve_at=self.retrieve_at,
            install_at=self.install_at,
            certificate=self.certificate,
            signature=self.signature,
            retries=RETRIES if self.retries is None else max(0, min(self.retries, MOST_RETRIES)),
            interval=RETRY_INTERVAL if self.interval is None else max(0, self.interval),
            secret=secret,
        )


def wish_in(payload: Json) -> Wish:
    """The wish in a payload.

    Raises:
        CallRefused: a time of it is none.
    """
    firmware: Json = payload["firmware"]
    return Wish(
        request_id=payload["requestId"],
        location=firmware["location"],
        retrieve_at=moment(firmware["retrieveDateTime"]),
        install_at=moment(firmware.get("installDateTime")),
        certificate=firmware.get("signingCertificate", ""),
        signature=firmware.get("signature", ""),
        retries=payload.get("retries"),
        interval=payload.get("retryInterval"),
    )


def verifies(state: StationState) -> bool:
    """Tell whether a station verifies signed firmware itself, and tells its own security events."""
    return Capability.SIGNED_FIRMWARE in state.capabilities


def refusal_of(wish: Wish, state: StationState, *, rooted: bool) -> Refusal | None:
    """Why a wish is refused; None where it is not.

    Args:
        wish: Its certificate has been found good.
        state: Of the station.
        rooted: The CSMS has installed a manufacturer's root certificate for the station.
    """
    if bool(wish.certificate) != bool(wish.signature):
        return "MissingParam", "signed firmware has a signature and a certificate"
    if rooted and not wish.signature:
        return "MissingParam", "a manufacturer's root certificate is installed: firmware has to be signed"
    if not is_file_location(wish.location) or address(wish.location) is None:
        return "InvalidURL", ""
    if firmware_busy(state):
        return "FwUpdateInProgress", ""  # L01.FR.27, L02.FR.18
    if state.firmware and not firmware_idle(state) and state.firmware.request_id == wish.request_id:
        return "DuplicateRequestId", ""
    return None
