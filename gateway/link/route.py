"""Which way to a CSMS a station tries next (OCPP 2.0.1 Part 2, B10.FR.03, .07-.09; A02.FR.28)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    from gateway.link.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to connect: a network profile with credentials.

    ``fallback``: with the password or certificate from before the last change, which is tried once nothing else works.
    ``former``: the TLS settings with the root certificate from before its replacement, where that may still verify the
    CSMS (M05.FR.14); ``by_former``: it has.
    """

    target: Target
    tls: ssl.SSLContext | None = None
    slot: int = 1
    fallback: bool = False
    former: ssl.SSLContext | None = None
    by_former: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """All ways of one station, in the order of the round: at least one. ``attempts``: of each before the next."""

    ways: Sequence[Candidate]
    attempts: int = 1


class Access(Protocol):
    """Knows the ways, and learns which of them work."""

    async def candidates(self, station: str) -> Candidates:
        """The ways as they are by now.

        Raises:
            GatewayError: they cannot be read.
        """

    async def connected(self, station: str, candidate: Candidate) -> None:
        """This way has worked.

        Raises:
            GatewayError: it cannot be noted.
        """


class FixedAccess:
    """One way for each station, which never changes."""

    def __init__(self, ways: Mapping[str, Candidate]) -> None:
        self._ways = ways

    async def candidates(self, station: str) -> Candidates:
        """The one way."""
        return Candidates(ways=(self._ways[station],))

    async def connected(self, station: str, candidate: Candidate) -> None:
        """There is nothing to learn."""


class Route:
    """Walks through the ways, round after round: first all with the new credentials, then all with the former. Pure."""

    def __init__(self, candidates: Candidates) -> None:
        ways = sorted(candidates.ways, key=lambda each: each.fallback)  # stable: the order of the profiles remains
        self._steps = [way for way in ways for _ in range(max(candidates.attempts, 1))]
        self._at = 0

    @property
    def current(self) -> Candidate:
        """What to try now."""
        return self._steps[self._at]

    def failed(self) -> None:
        """It has not worked."""
        self._at = (self._at + 1) % len(self._steps)
