"""What a profile may ask of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gateway.contracts.messages import Json, Reply
    from gateway.contracts.ports import Events, SecurityLog, Shelf, Tokens, Vault
    from gateway.contracts.southbound import Offer
    from gateway.contracts.vendor import Extension
    from gateway.model.commands import Command, Outcome, StartCharging
    from gateway.model.device import DeviceModel, SetResult, VariableRef
    from gateway.model.events import Event
    from gateway.model.ids import Place
    from gateway.model.installation import Installation
    from gateway.model.readings import Sample
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from gateway.model.transactions import Transaction, TriggerReason


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

    def extensions(self) -> tuple[type[Extension], ...]:
        """What is installed for messages of vendors."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    async def execute(self, command: Command) -> Outcome:
        """Carry out a command: checked against the state, done by the station, and noted in the state."""

    async def offer(self, station: str, offer: Offer | None) -> str:
        """Let a station fetch a file from the box; see ``Adapter.offer``."""

    def folder(self, name: str) -> Path:
        """A folder for files of a profile, on the box's disk; it may have to be made. Its name is the profile's."""

    async def protocols(self, station: str, since: datetime | None, until: datetime | None) -> Sequence[Json]:
        """The protocols of a technician's tests of a station, the oldest first (``stationlift test``)."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit what a profile has noticed of a station, as if the station had reported it.

        Raises:
            GatewayError: ``storage-failed``; nothing was applied.
        """

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        """Set the actual value of a variable: checked, done by the station where it holds it, committed."""

    async def note_variable(self, station: str, ref: VariableRef, value: str) -> None:
        """Give a variable that the CSMS only reads the value that it has by now."""

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        """Give live variables their values, by ``VariableRef.key``; they last until the box restarts."""

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

    def allowances_changed(self, station: str) -> None:
        """Have what the EVSEs of a station may draw looked at again: ``Profile.allowances`` gives something else by now."""

    def offer_stops(self, station: str) -> None:
        """Let whoever stands at the box's page choose for a while what a master pass stops (C16.FR.01)."""

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for; a failure that can be expected is logged."""

    @property
    def events(self) -> Events:
        """The numbers of events (NotifyEvent)."""

    def presented(self, place: Place, token: Token, authorization: Authorization) -> None:
        """Tell the profiles what was said of a token that is about to start (``Profile.on_authorization``)."""

    def authorized(self, station: str, transaction: str, authorization: Authorization) -> None:
        """Tell what the backend said of a running transaction's token; wakes whoever waits in ``begin``."""


Refusal = tuple[str, str]
"""Why something is refused: reason code (Part 2 Appendices, 5) and details, "" if there are none."""
