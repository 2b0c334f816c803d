"""The way to one EVSE of a family station, or to a meter: what each kind of wire has to offer.

Pools are found by the entry points ``stationlift.wires`` (kind of family -> pool), so that a station on one kind of
wire may have a meter on another.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar

from gateway.contracts import LineUse
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pydantic import BaseModel

    from gateway.family.family import AnyFamily
    from gateway.family.value import Scalar, Value

GROUP = "stationlift.wires"


class Unreachable(GatewayError):
    """Nothing came back: no connection, no answer in time, or one that was not understood."""


class Refused(GatewayError):
    """The station has answered, and does not do it: a Modbus exception, a NACK, an HTTP status of 4xx or 5xx."""


class Rank(IntEnum):
    """Who goes first where several wait for the same bus."""

    WATCHDOG = 0
    ORDER = 1
    INPUT = 2
    """Reads of added inputs, on which something may depend within a fraction of a second."""
    POLL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a read has brought.

    ``values`` has every point that was answered (None: answered with an absent code); ``refused`` those that the
    station does not have.
    """

    values: Mapping[str, Value]
    refused: frozenset[str] = field(default_factory=frozenset)


class Wire(ABC):
    """One EVSE (or meter) on its wire.

    Attributes:
        news: Set whenever the station has told something unasked; whoever waits for it clears it.
    """

    def __init__(self, family: AnyFamily) -> None:
        self.family = family
        self.news = asyncio.Event()

    def use(self, family: AnyFamily) -> None:
        """Go on with another variant of the family."""
        self.family = family

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it is, for people: ``192.168.1.30:502 unit 1``, ``/dev/ttyUSB0 unit 3``."""

    @abstractmethod
    async def connect(self) -> None:
        """Be ready to read; a wire that is connected stays so.

        Raises:
            Unreachable: it cannot be.
        """

    @abstractmethod
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        """Read points, in as few requests as the family allows.

        Raises:
            Unreachable: the station does not answer; what had been read before is lost.
        """

    @abstractmethod
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        """Write a point.

        Args:
            point: Its name.
            value: In the point's unit.
            fc: Modbus function code, where the step asks for one.
            rank: Who goes first.

        Raises:
            Unreachable: whether it was written is not known.
            Refused: the station does not take it.
            GatewayError: ``point-value``: the point cannot be that.
        """

    @abstractmethod
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        """Send a command, request or topic of the family; gives the fields of its answer, if it has any.

        Raises:
            Unreachable: whether it has come through is not known.
            Refused: the station does not do it.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Give the connection back; ``connect`` may follow."""


class Pool(ABC):
    """Makes the wires of one kind; wires on the same bus or socket share it.

    Attributes:
        kinds: The kinds of family that it can reach.
        Connection: Model of the site's ``connection = { ... }``.
    """

    kinds: ClassVar[frozenset[str]]
    Connection: ClassVar[type[BaseModel]]

    @abstractmethod
    def wire(self, connection: Any, family: AnyFamily, connector: int) -> Wire:  # noqa: ANN401 the pool's own model
        """The wire to a connector (1, 2 ...) of the device at ``connection``. No network here."""

    def line(self, connection: Any, family: AnyFamily, connector: int) -> tuple[str, str] | None:  # noqa: ANN401 as above
        """The line of a wire, and how it is spoken to; None where any number of devices may be, each in its way.

        Raises:
            GatewayError: as ``wire``.
        """
        del connection, family, connector
        return None

    @abstractmethod
    async def aclose(self) -> None:
        """Close every bus."""


def pool_class(kind: str) -> type[Pool]:
    """The pool that reaches a kind of family.

    Raises:
        GatewayError: ``wire-unknown``.
    """
    for point in entry_points(group=GROUP):
        if point.name == kind:
            found: type[Pool] = point.load()
            return found
    raise GatewayError("wire-unknown", kind=kind)


def used(
    kind: type[Pool],
    connection: Any,  # noqa: ANN401 the pool's own model
    family: AnyFamily,
    path: tuple[str, ...],
    connector: int = 1,
) -> Iterator[LineUse]:
    """The line that a device is on, if it is on one; nothing where the connection itself is wrong."""
    with suppress(GatewayError):
        line = kind().line(connection, family, connector)
        if line is not None:
            yield LineUse(name=line[0], manner=line[1], path=path)
