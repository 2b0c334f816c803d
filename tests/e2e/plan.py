"""What a test's site looks like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.bench.ocpp_s.dialects import V15

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gateway.bench.ocpp_s.dialects import Dialect
    from gateway.bench.ocpp_s.quirks import Quirk

TOKEN = "04A1B2C3D4E5F6"
"""An RFID card's number."""

KEYS = {"ConnectionTimeOut": "36000", "HeartBeatInterval": "86400"}
"""The station's clock runs fast: what would run out within milliseconds is made longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One station: who it is at either side, and how it behaves.

    Args:
        dialect: the version of OCPP that it speaks.
        version: the version that the site file names; the same by default.
        speed: simulated seconds per second; at 600 a reading a minute is one every 100 ms.
        keys: configuration keys that it starts with.
        options: further lines of its table in the site file.
        evse: further lines of the table of each EVSE.
    """

    identity: str = "AT-E2E-0001"
    charge_box: str = "OLD-1"
    evses: int = 1
    dialect: Dialect = V15
    version: str = ""
    speed: float = 600.0
    quirks: frozenset[Quirk] = frozenset()
    clock_skew: float = 0.0
    keys: Mapping[str, str] = field(default_factory=dict)
    offline_unknown: bool = False
    options: str = ""
    evse: str = ""


def site_text(
    data_dir: Path, url: str, port: int, plans: Sequence[Plan], backend: str = "security_profile = 0", box: str = ""
) -> str:
    """Write a site file."""
    parts = [
        f'[box]\nname = "Test"\ndata_dir = "{data_dir}"\n{box}\n',
        f'[backend]\nurl = "{url}"\n{backend}\n',
        f'[southbound.ocpp_soap]\nlisten = "127.0.0.1:{port}"\n',
    ]
    for plan in plans:
        parts.append(
            f'[[station]]\nidentity = "{plan.identity}"\nadapter = "ocpp_soap"\n'
            f'charge_box_identity = "{plan.charge_box}"\nversion = "{plan.version or plan.dialect.version}"\n{plan.options}\n'
        )
        parts.extend(
            f'[[station.evse]]\nid = {number}\nconnector = {{ type = "sType2", max_current = 32, phases = 3 }}\n{plan.evse}\n'
            for number in range(1, plan.evses + 1)
        )
    return "\n".join(parts)
