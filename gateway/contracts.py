"""The whole plug-in surface: what adapters and profiles offer, and the ports that they are given.

Adapters and profiles are found by the entry points ``stationlift.adapters`` and ``stationlift.profiles``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pydantic import BaseModel

    from gateway.model.changes import BootReason, Change
    from gateway.model.commands import Command, Outcome, StartCharging
    from gateway.model.device import DeviceModel, SetResult, VariableRef, VariableSpec
    from gateway.model.events import Event, TransactionBegan
    from gateway.model.ids import Place
    from gateway.model.installation import Installation, Outlet
    from gateway.model.notices import Notice
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction, TriggerReason

Json = dict[str, Any]
"""A JSON object: an OCPP payload in its wire form (camelCase keys)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """One ``[[station]]`` of the site: what all adapters need, and the adapter's own part in ``options``.

    ``connectors`` maps the station's own connector number to (evseId, connectorId); empty: learnt as they show up.
    ``outlets`` is the wiring by (evseId, connectorId).
    """

    identity: str
    options: BaseModel
    connectors: Mapping[int, tuple[int, int]]
    outlets: Mapping[tuple[int, int], Outlet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The box's answer to a transaction that has begun: the station's number for it, and what holds for its token."""

    number: int
    authorization: Authorization


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a scan is: ``done`` of ``total`` steps, now at ``where``."""

    done: int
    total: int
    where: str


def _unseen(progress: Progress) -> None:
    del progress


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRequest:
    """Where to look for stations. Each adapter takes what is its own.

    Attributes:
        serial: Serial devices.
        bauds, formats: Settings of a serial line to try, such as 19200 and ``8E1``; empty: those of known families.
        units: Modbus unit ids to try; empty: a default that suits the wire.
        tcp, rtu_tcp: ``host`` or ``host:port``, of Modbus TCP or of a serial line behind TCP.
        brokers: MQTT brokers, ``host`` or ``host:port``.
        timeout: Seconds that an answer may take.
        base: Folder of the site file, whose own families are known, too.
        progress: Told of each step.
    """

    serial: tuple[str, ...] = ()
    bauds: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    tcp: tuple[str, ...] = ()
    rtu_tcp: tuple[str, ...] = ()
    brokers: tuple[str, ...] = ()
    timeout: float = 0.3
    base: Path | None = None
    progress: Callable[[Progress], None] = field(default=_unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Something that a scan has found.

    Attributes:
        adapter: Name of the adapter that reaches it.
        where: For people: ``/dev/ttyUSB0, 19200 8E1, unit 1``.
        connection: What the site file's ``connection`` has to say; empty where nothing can be reached so.
        family: Id of the family; "" where it is none that is known.
        plausible: How many of the family's points, of those ``asked``, had values that make sense.
        asked: How many points were asked.
        evidence: Values that tell most, by point: the model, the serial number, the state.
        code: Code of a text that says what was found: ``scan-family``, ``scan-unknown``, ``scan-wrong-unit`` ...
        params: Values that the text names.
    """

    adapter: str
    where: str
    code: str
    connection: Mapping[str, str | int] = field(default_factory=dict)
    family: str = ""
    plausible: int = 0
    asked: int = 0
    evidence: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)


async def _nothing() -> AsyncIterator[Sighting]:
    none: tuple[Sighting, ...] = ()
    for sighting in none:
        yield sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one point of a station shows now, for ``stationlift family probe``.

    ``value`` is in ``unit``, None where there is none; ``problem`` is the code of what went wrong, "" if nothing did.
    """

    point: str
    value: object
    unit: str = ""
    problem: str = ""


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

    @abstractmethod
    async def run(self, hub: Southbound) -> None:
        """Serve until cancelled. No network before this is called."""

    @abstractmethod
    async def execute(self, command: Command) -> Outcome:
        """Carry out a command at the station; every failure is an Outcome with its reason."""

    @classmethod
    def unfit(cls, stations: Sequence[StationSettings]) -> Iterator[tuple[StationSettings, GatewayError]]:
        """The stations that cannot be served beside those before them, and why: for ``stationlift check``. No network."""
        del stations
        yield from ()

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A CALL to the backend.

    ``stream``: messages of one stream keep their order (a transaction's id); "" has no order to keep but that of
    posting. ``supersedes``: while the backend is away, or far behind, a later message with the same key replaces this
    one. ``requested``: the backend asked for it, so it may go out while the boot is pending (B02.FR.02).
    """

    action: str
    payload: Json
    stream: str = ""
    supersedes: str = ""
    requested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a CALL of the backend, and what follows once it has been sent."""

    payload: Json
    then: Callable[[], Awaitable[None]] | None = None


class CallRefused(GatewayError):
    """Answer a CALL with a CALLERROR; ``code`` is the OCPP-J error code (Part 4, 4.3)."""


Handler = Callable[[str, Json], Awaitable[Reply]]
"""``await handler(station, payload)``; the payload has been validated against the schema."""


class Backend(Protocol):
    """The way to the CSMS of each station."""

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""

    def pending(self, station: str) -> bool:
        """True while the last BootNotification was answered Pending."""

    async def post(self, station: str, *messages: Message) -> None:
        """Commit messages to the outbox; they are sent in order as soon as the CSMS takes them."""

    async def ask(self, station: str, action: str, payload: Json, *, patience: float) -> Json | None:
        """Send a CALL ahead of the outbox; None if no answer came (offline, time-out, CALLERROR).

        Never await this inside a handler: the CSMS may wait for the handler's answer first.
        """

    async def queued(self, station: str, transaction: str | None) -> bool:
        """True if messages of this transaction (None: of any) are still to be delivered (E14)."""

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as possible."""

    def reconnect(self, station: str, *, at_boot: bool = False) -> None:
        """Connect anew, with the network profiles and credentials that there are by now.

        That is when the CALL in progress has been answered, or (``at_boot``) when the station boots next.
        """

    def beat(self, station: str) -> None:
        """Send a Heartbeat now."""


class Tokens(Protocol):
    """The authorization cache and the Local Authorization List of each station."""

    async def remember(self, station: str, token: Token, authorization: Authorization) -> None:
        """Keep what the backend said of a token in the cache (C10)."""

    async def recall(self, station: str, token: Token) -> tuple[datetime, Authorization] | None:
        """When the cache learnt of a token, and what."""

    async def forget(self, station: str) -> None:
        """Empty the cache (C11)."""

    async def cache_bytes(self, station: str) -> int:
        """Bytes that the cache takes."""

    async def local_list(self, station: str) -> tuple[int, Mapping[str, tuple[Token, Authorization]]]:
        """Version (0: none) and entries by token key."""

    async def store_local_list(
        self, station: str, version: int, entries: Mapping[str, tuple[Token, Authorization]]
    ) -> None:
        """Replace the Local Authorization List."""


class Shelf(Protocol):
    """Documents that a profile keeps for a station over restarts."""

    async def documents(self, station: str) -> Mapping[str, Json]:
        """Every document by its name, in the order of the names."""

    async def keep(self, station: str, changes: Mapping[str, Json | None]) -> None:
        """Write documents, or (None) take them away; all of them or none.

        Raises:
            GatewayError: ``storage-failed``.
        """


class Vault(Protocol):
    """Secrets, keys and certificates of each station: files that only the box can read; see ``gateway.model.credentials``.

    Nothing of them may come into the database, a log, a status or a report.
    """

    async def documents(self, station: str) -> Mapping[str, str]:
        """Every document by its name.

        Raises:
            GatewayError: ``vault-failed``.
        """

    async def keep(self, station: str, changes: Mapping[str, str | None]) -> None:
        """Write documents, or (None) take them away: in this order, each of them whole or not at all.

        Raises:
            GatewayError: ``vault-failed``.
        """


class SecurityLog(Protocol):
    """The security log of each station: on disk, of bounded size (A04.FR.04)."""

    async def append(self, station: str, at: datetime, event: str, info: str = "") -> None:
        """Add a line.

        Raises:
            GatewayError: ``security-log-failed``.
        """

    async def read(self, station: str) -> bytes:
        """Everything that there is: a JSON object a line (``timestamp``, ``type``, ``techInfo``), the oldest first.

        Raises:
            GatewayError: ``security-log-failed``.
        """


class Line(Protocol):
    """What the hub needs to know of the way to the backend."""

    def accepted(self, station: str) -> bool:
        """True while the CSMS is connected and has accepted the station."""

    def online_since(self, station: str) -> datetime | None:
        """Since when it is; None while it is not."""

    def hello(self, station: str) -> None:
        """The station is known: its backend may hear of it."""

    def boot_again(self, station: str, reason: BootReason) -> None:
        """Send a BootNotification as soon as possible."""


class Northbound(Protocol):
    """What a profile may ask of the box."""

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""

    def station(self, station: str) -> StationState:
        """The state of a station now.

        Raises:
            KeyError: no such station.
        """

    def device(self, station: str) -> DeviceModel:
        """The device model of a station now, with its live values."""

    def installation(self, station: str) -> Installation:
        """What only the site knows of a station."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command: checked against the state, done by the station, and noted in the state."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit what a profile has noticed of a station, as if the station had reported it.

        Raises:
            GatewayError: ``storage-failed``; nothing was applied.
        """

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set the actual value of a variable: checked, done by the station where it holds it, committed."""

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable that the CSMS only reads the value that it has by now."""

    async def refresh_variables(self, station: str) -> None:
        """Have the station's own settings read again, if they are not fresh."""

    @property
    def tokens(self) -> Tokens:
        """What the box knows of tokens."""

    async def visits(self, station: str, token: Token) -> tuple[Transaction, ...]:
        """The ended transactions on record that a token was used for, in the order of their start."""

    async def erase(self, station: str, token: Token) -> None:
        """Forget a token, but for the Local Authorization List and what still runs: its cache entry, who used it when.

        Raises:
            GatewayError: ``storage-failed``; nothing is forgotten.
        """

    def shelf(self, name: str) -> Shelf:
        """The documents of a profile; the profile's name is the shelf's."""

    @property
    def vault(self) -> Vault:
        """Secrets and certificates."""

    @property
    def security_log(self) -> SecurityLog:
        """What has happened to the security of each station."""

    async def trigger(self, station: str, message: str, evse: int) -> Reply | None:
        """Ask the other profiles for a message that the CSMS wants (TriggerMessage); see ``Profile.triggered``."""

    async def retell(
        self, station: str, transaction: str, samples: tuple[Sample, ...], trigger: TriggerReason | None = None
    ) -> None:
        """Post a TransactionEvent of a running transaction as it is now; ``trigger`` None: as asked for (F06.FR.07)."""

    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        """Hand over the charging profile of a start that is about to be asked for (F01.FR.08).

        Returns:
            Why the start has to be refused; None if it need not be, or if no profile takes charging profiles.
        """

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; a failure that can be expected is logged."""

    def event_number(self) -> int:
        """The number of another event (NotifyEvent); none is given out twice, a restart included."""

    def authorized(self, station: str, transaction: str, authorization: Authorization) -> None:
        """Tell what the backend said of a running transaction's token; wakes whoever waits in ``begin``."""


Refusal = tuple[str, str]
"""Why something is refused: reason code (Part 2 Appendices, 5) and details, "" if there are none."""


class Profile(ABC):
    """One OCPP 2.0.1 profile: its messages, its variables, its reaction to changes of the model.

    Where several profiles have a say (``authorize``), the one with the lowest ``rank`` is asked first. Of profiles that
    define the same variable, its definition counts.
    """

    name: ClassVar[str]
    rank: ClassVar[int] = 50

    @abstractmethod
    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        """Take the ports; nothing runs yet."""

    async def run(self) -> None:  # noqa: B027 most profiles only react
        """Do what has its own time, until cancelled. A profile that only reacts returns at once."""

    @abstractmethod
    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action that the CSMS may call."""

    @abstractmethod
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        """The variables that this profile adds to the device model of a station."""

    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        """The messages that a change calls for. No I/O: they are committed together with the change itself."""
        del change, state
        return ()

    def on_commit(self, station: str) -> None:  # noqa: B027 most profiles need no more than ``on_change``
        """Look at a station whose state, settings or variables have changed, now that this is real. No I/O, and quick."""

    async def on_response(self, station: str, message: Message, response: Json) -> None:
        """Take the CSMS's answer to a message of this profile."""
        del station, message, response

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization | None:
        """Say whether a token may charge; None if this profile has nothing to say."""
        del place, token, patience
        return None

    def on_authorization(self, place: Place, token: Token, authorization: Authorization) -> None:  # noqa: B027 as above
        """Hear what was decided of a token that a driver has presented (evse 0: nobody knows where). No I/O, and quick."""

    def notices(self, station: str) -> Iterable[Notice]:
        """What the driver in front of a station is to see now, in the order in which it is to be shown. No I/O."""
        del station
        return ()

    async def take_variable(self, station: str, ref: VariableRef, value: str) -> SetResult | None:
        """Take a new value of a variable, which fits its limits; None: nothing is against keeping it as usual.

        A result is the answer, and the value is not kept: it has been refused, or is kept by the profile itself.
        """
        del station, ref, value
        return None

    async def triggered(self, station: str, message: str, evse: int) -> Reply | None:
        """Answer the CSMS that wants a message of this profile (TriggerMessage, F06); None if it is not of this profile.

        ``message`` is a MessageTriggerEnumType; ``evse`` 0: none was named.
        """
        del station, message, evse
        return None

    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        """Take the charging profile of a start that is about to be asked for; see ``Northbound.start_with``."""
        del start, charging_profile
        return None

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome | None:
        """Carry a vendor's own message of a station to the backend; None if this profile does not."""
        del station, vendor, message, data
        return None
