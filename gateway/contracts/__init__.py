"""The whole plug-in surface: what adapters and profiles offer, and the ports that they are given.

Adapters and profiles are found by the entry points ``stationlift.adapters`` and ``stationlift.profiles``, extensions
by ``stationlift.vendors``.
"""

from __future__ import annotations

from gateway.contracts.buses import Buses, LineUse
from gateway.contracts.messages import SECURITY_EVENTS, CallRefused, Handler, Json, Message, Reply
from gateway.contracts.northbound import Northbound, Refusal
from gateway.contracts.ports import Backend, Events, Line, SecurityLog, Shelf, Tokens, Vault
from gateway.contracts.profile import Profile
from gateway.contracts.scanning import Look, Progress, ScanRequest, Sighting
from gateway.contracts.southbound import Adapter, Admission, Offer, Southbound, StationSettings
from gateway.contracts.vendor import Extension, VendorAnswer

__all__ = [
    "SECURITY_EVENTS",
    "Adapter",
    "Admission",
    "Backend",
    "Buses",
    "CallRefused",
    "Events",
    "Extension",
    "Handler",
    "Json",
    "Line",
    "LineUse",
    "Look",
    "Message",
    "Northbound",
    "Offer",
    "Profile",
    "Progress",
    "Refusal",
    "Reply",
    "ScanRequest",
    "SecurityLog",
    "Shelf",
    "Sighting",
    "Southbound",
    "StationSettings",
    "Tokens",
    "Vault",
    "VendorAnswer",
]
