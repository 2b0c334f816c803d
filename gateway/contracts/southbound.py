"""Adapters: what a southbound protocol offers, and what it may ask of the box."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from gateway.contracts.scanning import Look, _nothing
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pydantic import BaseModel

    from gateway.contracts.buses import Buses, LineUse
    from gateway.contracts.scanning import ScanRequest, Sighting
    from gateway.model.commands import Command, Outcome
    from gateway.model.device import VariableRef
    from gateway.model.events import Event, TransactionBegan
    from gateway.model.ids import Place
    from gateway.model.installation import Outlet
    from gateway.model.station import StationState
    from gateway.model.throttle import OwnLimit
    from gateway.model.tokens import Authorization, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """One ``[[station]]`` of the site: what all adapters need, and the adapter's own part in ``options``.

    ``connectors`` maps the station's own connector number to (evseId, connectorId); empty: learnt as they show up.
    ``outlets`` is the wiring by (evseId, connectorId). ``watched``: load management wants to know what flows.
    """

    identity: str
    options: BaseModel
    connectors: Mapping[int, tuple[int, int]]
    outlets: Mapping[tuple[int, int], Outlet] = field(default_factory=dict)
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The box's answer to a transaction that has begun: the station's number for it, and what holds for its token."""

    number: int
    authorization: Authorization


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file of the box that one station may fetch. ``secret`` is what nobody can guess, a part of its URL."""

    file: Path
    secret: str


class Southbound(Protocol):
    """What an adapter may ask of the box. All that is awaited here is durable when it returns."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit events of one station, in order.

        Raises:
            GatewayError: ``storage-failed``; nothing was applied, and the station must not be answered.
        """

    async def begin(self, event: TransactionBegan, *, patience: float) -> Admission:
        """Apply and commit the begin of a transaction; then wait up to ``patience`` seconds for the backend's word.

        A repeat of the same report gets the same number and changes nothing.

        Raises:
            GatewayError: ``storage-failed``, as for ``publish``.
        """

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization:
        """Ask whether a token may charge: backend, or what is known here when the backend does not answer in time."""

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        """Pass a vendor's own message to the backend and bring back its answer."""

    async def refused(self, claimed_identity: str, peer: str) -> None:
        """Note that somebody called with an identity that no station of the site has."""

    def flows(self, place: Place, currents: Sequence[float]) -> None:
        """Tell what flows into a car, each time that it was read; nothing of it is committed or sent.

        Args:
            place: The EVSE.
            currents: A on the EVSE's own L1, L2, L3, or fewer where it has fewer phases.
        """

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def setting(self, station: str, ref: VariableRef) -> str:
        """The value of a variable of a station's device model; "" if it has none, or there is no such variable."""

    async def notes(self, station: str) -> Mapping[str, str]:
        """What the adapter has noted of a station, by name."""

    async def note(self, station: str, name: str, value: str) -> None:
        """Keep something of a station over restarts: what no event tells, such as how worn a register is.

        Raises:
            GatewayError: ``storage-failed``.
        """

    @property
    def read_only(self) -> bool:
        """True in a dry run: stations are read, and nothing is written to them."""


class Adapter(ABC):
    """A southbound protocol: serves every station of the site that names it.

    ``rehearses`` says that it can run without writing anything to a station: for ``stationlift run --dry-run``.
    """

    name: ClassVar[str]
    rehearses: ClassVar[bool] = False
    SiteConfig: ClassVar[type[BaseModel]]
    StationConfig: ClassVar[type[BaseModel]]

    @abstractmethod
    def __init__(self, site: Any, stations: Iterable[StationSettings]) -> None:  # noqa: ANN401 the adapter's own model
        """Take the adapter's section of the site file and its stations. No network here."""

    @classmethod
    def made(cls, site: Any, stations: Iterable[StationSettings], buses: Buses) -> Self:  # noqa: ANN401 as above
        """An adapter that shares its lines with the rest of the box; most have none to share."""
        del buses
        return cls(site, stations)

    @classmethod
    def lines(cls, station: StationSettings) -> Iterator[LineUse]:
        """The lines that a station and what belongs to it are on: for ``stationlift check``. No network."""
        del station
        yield from ()

    @abstractmethod
    async def run(self, hub: Southbound) -> None:
        """Serve until cancelled. No network before this is called."""

    @abstractmethod
    async def execute(self, command: Command) -> Outcome:
        """Carry out a command at the station; every failure is an Outcome with its reason."""

    def hold_back(self, place: Place, holder: str, current: float | None) -> None:
        """Let no more current flow at a place while a holder wants that: at once, before anything of it is committed.

        Nothing is told and no transaction is ended by it: ``StopCharging`` and ``ChangeAvailability`` follow. For stations
        that the box itself leads; others only know commands.

        Args:
            place: ``evse`` 0: all of the station.
            holder: Who wants it; several may.
            current: A per phase that may flow at most; None: it does not mind any more.
        """
        del place, holder, current

    async def offer(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file from the adapter's own server, and no other any more; None: none at all.

        Returns:
            The URL where the station finds it; "" where it is not known how the station reaches the box, or where the
            adapter has no server.
        """
        del station, offer
        return ""

    @classmethod
    def unfit(cls, stations: Sequence[StationSettings]) -> Iterator[tuple[StationSettings, GatewayError]]:
        """The stations that cannot be served beside those before them, and why: for ``stationlift check``. No network."""
        del stations
        yield from ()

    @classmethod
    def own_limit(cls, options: Any) -> OwnLimit | None:  # noqa: ANN401 the adapter's own model
        """How a station with these keys limits the current of its EVSEs by itself; None: it cannot."""
        del options
        return None

    @classmethod
    def controls(cls, options: Any) -> frozenset[str]:  # noqa: ANN401 the adapter's own model
        """The means of ``control`` that a station with these keys can be given: what is added to it always can."""
        del options
        return frozenset({"output", "pwm"})

    @classmethod
    async def look(cls, options: BaseModel) -> AsyncIterator[Look]:
        """Read everything that a station has, point by point; nothing is written.

        Args:
            options: The station's keys, an instance of ``StationConfig``.

        Raises:
            GatewayError: the station does not answer, or the adapter cannot read.
        """
        raise GatewayError("probe-nothing", adapter=cls.name)
        yield Look(point="", value=options)

    def reach(self, station: str) -> tuple[str | None, datetime | None]:
        """Where the station is called, and when it was last heard, for ``stationlift status``."""
        del station
        return None, None

    @classmethod
    def scan(cls, request: ScanRequest) -> AsyncIterator[Sighting]:
        """Look for stations, reading only; most adapters are called by their stations and find none."""
        del request
        return _nothing()
