"""What the running box tells about itself: one JSON document per connection to its UNIX socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson

from gateway.model.tokens import Token, TokenType

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter

SOCKET = "stationlift.sock"
"""File name of the socket in the data folder."""

Time: TypeAlias = datetime
"""UTC-aware."""

LinkState = Literal["connecting", "booting", "accepted", "pending", "rejected", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SouthboundStatus:
    """The side of the old station; `address` is where it is called, if that is known."""

    reachable: bool
    last_heard: Time | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendStatus:
    """The connection to the backend, its state and since when."""

    state: LinkState
    since: Time
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """Messages that the backend has not acknowledged yet, and when the oldest was committed."""

    length: int
    oldest: Time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorStatus:
    """A connector: its OCPP 2.0.1 status and the faults that are active."""

    evse: int
    connector: int
    status: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStatus:
    """An open transaction; the token is masked by `mask`, energy in Wh since the start."""

    id: str
    evse: int
    started_at: Time
    energy_wh: float | None
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitStatus:
    """A limit of somebody other than the backend; evse 0: of the station. `amps` per phase now, None: not now."""

    evse: int
    holder: str
    amps: float | None
    since: Time
    until: Time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingStatus:
    """Which limit binds an EVSE now, in A per phase; `reason` and `values` say why, `holder` who holds it ("": nobody)."""

    evse: int
    amps: float | None
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStatus:
    """One station."""

    identity: str
    adapter: str
    southbound: SouthboundStatus
    backend: BackendStatus
    outbox: OutboxStatus
    connectors: tuple[ConnectorStatus, ...] = ()
    transactions: tuple[TransactionStatus, ...] = ()
    limits: tuple[LimitStatus, ...] = ()
    bindings: tuple[BindingStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedStatus:
    """A connection that other boxes use as well: who leads ("": nobody), and A per phase that this box may use of it.

    `role` is ``leads``, ``follows``, or ``alone``: without a word of the leader the box keeps to its fall-back.
    """

    circuit: str
    group: str
    leader: str
    role: str
    amps: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedStatus:
    """Somebody who calls with an identity that no station of the site has."""

    charge_box_identity: str
    peer: str
    count: int
    last: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageStatus:
    """Whether what stations report can be committed."""

    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole box."""

    box: str
    version: str
    uptime_s: float
    storage: StorageStatus
    stations: tuple[StationStatus, ...] = ()
    refused: tuple[RefusedStatus, ...] = ()
    shared: tuple[SharedStatus, ...] = ()


def socket_path(data_dir: Path) -> Path:
    """Where the running box with this data folder listens."""
    return data_dir / SOCKET


def mask(token: Token) -> str:
    """A token that can be recognised but not used: its last four characters, or less of a short one; none of a key code."""
    value = token.value
    shown = 0 if token.type is TokenType.KEY_CODE else min(4, len(value) // 3)
    return "…" + value[len(value) - shown :]


def to_json(status: Status) -> bytes:
    """One JSON document; times in RFC 3339, UTC."""
    return orjson.dumps(status, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def from_json(document: bytes) -> Status:
    """The reverse of to_json; keys of a newer box are passed over.

    Raises:
        ValueError: the document is no status.
    """
    return _reader().validate_json(document)


@cache
def _reader() -> TypeAdapter[Status]:
    # Only the command needs it: the box that writes a status does not pay for the import.
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(Status)
