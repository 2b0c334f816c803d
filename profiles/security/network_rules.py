"""What may become a network profile, and in which order profiles are tried (OCPP 2.0.1 Part 2, A05, B09, B10). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.model.network import BASIC_TLS, CLIENT_CERTIFICATE, SITE_SLOT, SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.contracts import Json, Refusal
    from gateway.model.network import NetworkProfile

SLOT, CONFIGURATION, DOWNGRADE = "InvalidConfSlot", "InvalidNetworkConf", "NoSecurityDowngrade"
"""Reason codes (errata 2025-09, 2.11)."""

LONGEST_TIMEOUT = 3600


def profile_refusal(slot: int, wire: Json, lowest: int) -> Refusal | None:
    """Why a NetworkConnectionProfileType cannot be taken (B09.FR.02, B09.FR.04, B09.FR.05); None if it can.

    Args:
        slot: The configuration slot.
        wire: The profile; its schema has been checked.
        lowest: The lowest security profile that is allowed now.
    """
    if slot not in SLOTS:
        return SLOT, f"slots {SLOTS[0]} to {SLOTS[-1]}"
    if slot == SITE_SLOT:
        return SLOT, "this slot belongs to the site file"
    profile = wire["securityProfile"]
    if profile < lowest:
        return DOWNGRADE, ""
    if profile > CLIENT_CERTIFICATE:
        return CONFIGURATION, "securityProfile"
    if wire["ocppVersion"] != "OCPP20" or wire["ocppTransport"] != "JSON":
        return CONFIGURATION, "only OCPP 2.0.1 over JSON"
    if not 1 <= wire["messageTimeout"] <= LONGEST_TIMEOUT:
        return CONFIGURATION, "messageTimeout"
    if "apn" in wire or "vpn" in wire:
        return CONFIGURATION, "the box dials neither an APN nor a VPN"
    return _url_refusal(wire["ocppCsmsUrl"], secure=profile >= BASIC_TLS, free=profile == 0)


def _url_refusal(url: str, *, secure: bool, free: bool) -> Refusal | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return CONFIGURATION, "ocppCsmsUrl"
    good = parts.scheme in {"ws", "wss"} and parts.hostname and port != 0 and not any(c.isspace() for c in url)
    if not good or parts.username is not None or parts.query or parts.fragment:
        return CONFIGURATION, "ocppCsmsUrl"
    if not free and (parts.scheme == "wss") is not secure:
        return CONFIGURATION, "ocppCsmsUrl does not go with securityProfile"
    return None


def priority_refusal(
    slots: Sequence[int],
    known: Mapping[int, NetworkProfile],
    level: int,
    *,
    lowest: int,
    has_root: bool,
    has_certificate: bool,
    has_password: bool,
) -> Refusal | None:
    """Why an order of slots cannot be taken (B10.FR.02, A05.FR.02, A05.FR.03, A05.FR.09, A05.FR.10); None if it can.

    Args:
        slots: In the order in which they are to be tried.
        known: Slots that hold a profile.
        level: The security profile of the station now.
        lowest: The lowest that is allowed now.
        has_root: A valid CSMS root certificate is there.
        has_certificate: A valid charging station certificate is there.
        has_password: A password is there.
    """
    if not slots:
        return CONFIGURATION, "no slot"
    for slot in slots:
        profile = known.get(slot)
        if profile is None:
            return CONFIGURATION, f"slot {slot} is empty"
        wanted = profile.security_profile
        if wanted < lowest:
            return DOWNGRADE, f"slot {slot}"
        if wanted > level and wanted >= BASIC_TLS and not has_root:
            return "InvalidCertificate", "no CSMSRootCertificate"
        if wanted == CLIENT_CERTIFICATE and wanted > level and not has_certificate:
            return "InvalidCertificate", "no ChargingStationCertificate"
        if 0 < wanted < CLIENT_CERTIFICATE and not has_password:
            return CONFIGURATION, "no BasicAuthPassword"
    return None
