"""What the charging profiles of the backend contribute to the limits of a station."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.model.charging import ChargingProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """As it stands; what it allows at a time, and until when, is computed from it.

    Attributes:
        profiles: The charging profiles that count, by EVSE (0: the station).
        ready: When the EVSE of a transaction was ready to deliver energy, by the transaction's id.
        priorities: Of transactions, by their ids, where the backend has said any (-9 to 9).
    """

    profiles: Mapping[int, tuple[ChargingProfile, ...]] = field(default_factory=dict)
    ready: Mapping[str, datetime] = field(default_factory=dict)
    priorities: Mapping[str, int] = field(default_factory=dict)


NO_PROFILES = Allowances()
"""There are none, or they do not count."""
