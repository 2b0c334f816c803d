"""Settings of the small CSMS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class BootPolicy:
    """How BootNotification of a station is answered.

    Args:
        status: ``Accepted``, ``Pending`` or ``Rejected``.
        interval: heartbeat interval, or the wait before the next attempt, s.
    """

    status: str = "Accepted"
    interval: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsSettings:
    """How the CSMS listens and decides.

    Args:
        host: address to listen on.
        port: port to listen on, 0 for a free one.
        path: path before the station's identity.
        password: password of every station (basic authentication), None to ask for none.
        passwords: passwords of single stations.
        tls: context of a TLS server, None for plain TCP.
        stations: identities that are known; None lets every station in.
        boot: answer to BootNotification.
        boots: answers to BootNotification of single stations.
        tokens: authorization status by token; the others have ``token_default``.
        token_default: authorization status of any other token.
        call_timeout: how long a call waits for its answer, s.
    """

    host: str = "127.0.0.1"
    port: int = 0
    path: str = "/ocpp"
    password: str | None = field(default=None, repr=False)
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None
    stations: frozenset[str] | None = None
    boot: BootPolicy = field(default_factory=BootPolicy)
    boots: Mapping[str, BootPolicy] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    token_default: str = "Accepted"  # noqa: S105 - an authorization status
    call_timeout: float = 30.0
