"""Where a simulated station can be reached, whatever the wire is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class HangUp(Exception):
    """The station ends the connection instead of an answer."""


class Session(ABC):
    """What one partner on a stream of bytes has sent, and the answers to it. No I/O."""

    @abstractmethod
    def feed(self, data: bytes) -> Iterable[bytes]:
        """Take bytes as they come; give the answers that are complete.

        Raises:
            HangUp: the station ends the connection.
        """


class Endpoint(ABC):
    """One way to the station."""

    @abstractmethod
    async def start(self) -> None:
        """Begin to serve.

        Raises:
            OSError: the address cannot be had.
        """

    @property
    @abstractmethod
    def connection(self) -> Mapping[str, object]:
        """The ``connection`` table with which a gateway reaches it, once it is started."""

    @abstractmethod
    async def cut(self) -> None:
        """The line is cut."""

    @abstractmethod
    async def mend(self) -> None:
        """The line is whole again."""

    @abstractmethod
    async def aclose(self) -> None:
        """End it."""

    def tell(self, lines: Iterable[bytes]) -> None:  # noqa: B027 - most wires have nothing that comes unasked
        """Send something that nobody has asked for."""
