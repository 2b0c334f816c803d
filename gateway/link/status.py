"""How the link of a station stands, for people and for the rest of the box."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class LinkState(StrEnum):
    """The state of one station's link."""

    OFFLINE = "offline"  # the connection was lost, or the station has not been heard of yet
    CONNECTING = "connecting"  # for the first time
    BOOTING = "booting"
    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """How a link stands, and since when. ``problem``: code of the last failure to connect; "" while connected."""

    state: LinkState
    since: datetime
    url: str
    problem: str = ""
