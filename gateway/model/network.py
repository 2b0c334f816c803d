"""Network connection profiles (OCPP 2.0.1 Part 2, B09, B10, A05): what they are, and which of them are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHELF = "network"
"""Name of the shelf that holds the profiles (``slot-<n>``: NetworkConnectionProfileType) and ``state``."""
STATE = "state"

SITE_SLOT = 1
"""The slot of the site file's ``[backend]``: no message changes it."""
SLOTS = (1, 2, 3)
"""Every slot that there is (B09.FR.06)."""

BASIC, BASIC_TLS, CLIENT_CERTIFICATE = 1, 2, 3
"""Security profiles: basic authentication, the same over TLS, TLS with a client certificate (A00)."""

MESSAGE_TIMEOUT = 30
"""Seconds that the site's own profile waits for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkProfile:
    """One way to a CSMS: ``url`` without the identity, ``message_timeout`` in seconds."""

    slot: int
    url: str
    security_profile: int
    message_timeout: int = MESSAGE_TIMEOUT

    @property
    def secure(self) -> bool:
        """True where the connection is over TLS."""
        return self.security_profile >= BASIC_TLS

    @property
    def fingerprint(self) -> str:
        """The same for profiles that lead to the same place in the same way."""
        return f"{self.security_profile} {self.url}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkState:
    """What has come of the profiles so far.

    ``floor`` is the highest security profile that has worked (A05.FR.06; the CSMS may have allowed to lower it), ``active`` the slot of the last connection,
    and ``site`` the fingerprint of the site's own profile at that time: when the technician changes it, that counts.
    """

    floor: int = 0
    active: int = SITE_SLOT
    site: str = ""

    def after(self, slot: int, level: int, site: str, *, downgrade: bool) -> NetworkState:
        """The state once a profile of this level has connected in this slot."""
        floor = level if level >= lowest_of(self.floor, downgrade=downgrade) else self.floor
        return NetworkState(floor=floor, active=slot, site=site)

    def to_json(self) -> dict[str, Any]:
        """The form that is kept."""
        return {"floor": self.floor, "active": self.active, "site": self.site}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> NetworkState:
        """From the form that is kept; None: nothing has been kept yet."""
        return cls() if kept is None else cls(floor=kept["floor"], active=kept["active"], site=kept["site"])


def document(slot: int) -> str:
    """Name of the document of a slot."""
    return f"slot-{slot}"


def profile_from(slot: int, wire: Mapping[str, Any]) -> NetworkProfile:
    """The profile in a NetworkConnectionProfileType (Part 2, 2.36), which has been found valid before."""
    return NetworkProfile(
        slot=slot,
        url=wire["ocppCsmsUrl"].rstrip("/"),
        security_profile=wire["securityProfile"],
        message_timeout=wire["messageTimeout"],
    )


def known_profiles(site: NetworkProfile, documents: Mapping[str, Mapping[str, Any]]) -> dict[int, NetworkProfile]:
    """Every slot that has a profile: the site's, and those that the CSMS has set."""
    kept = {slot: documents.get(document(slot)) for slot in SLOTS if slot != SITE_SLOT}
    return {SITE_SLOT: site} | {slot: profile_from(slot, wire) for slot, wire in kept.items() if wire is not None}


def slots_in(priority: str) -> tuple[int, ...]:
    """The slots in a value of NetworkConfigurationPriority."""
    return tuple(int(part) for part in priority.split(",") if part.strip().isdecimal())


def state_now(site: NetworkProfile, kept: NetworkState) -> NetworkState:
    """What holds at the start of the box: a ``[backend]`` that the technician has changed starts everything over."""
    if kept.site == site.fingerprint:
        return kept
    return NetworkState(floor=site.security_profile, site=site.fingerprint)


def lowest_of(level: int, *, downgrade: bool) -> int:
    """The lowest security profile that a station may go to by order of its CSMS (A00.FR.005 as of the errata 2025-09).

    Args:
        level: The one that has worked.
        downgrade: AllowSecurityProfileDowngrade: from 3 to 2, and no further.
    """
    return BASIC_TLS if downgrade and level == CLIENT_CERTIFICATE else level


def order_of(
    known: Mapping[int, NetworkProfile], priority: Sequence[int], state: NetworkState, *, downgrade: bool = False
) -> tuple[NetworkProfile, ...]:
    """The profiles of one round of attempts, in order: those of the priority, then the one that has worked last.

    None of them is less secure than what has worked before (A05). Where nothing is left, what has worked last is, and
    at the very least the site's own profile: a station is never left without any way (B10.FR.09).
    """
    slots = dict.fromkeys([*priority, state.active])
    lowest = lowest_of(state.floor, downgrade=downgrade)
    found = tuple(known[s] for s in slots if s in known and known[s].security_profile >= lowest)
    return found or (known[SITE_SLOT],)
