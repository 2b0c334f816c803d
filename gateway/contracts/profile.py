"""Profiles: one of OCPP 2.0.1 each, with its messages and variables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts.messages import Handler, Json, Message, Reply
    from gateway.contracts.northbound import Northbound, Refusal
    from gateway.contracts.ports import Backend
    from gateway.model.changes import Change
    from gateway.model.commands import Outcome, StartCharging
    from gateway.model.device import SetResult, VariableRef, VariableSpec
    from gateway.model.ids import Place
    from gateway.model.limits.allowances import Allowances
    from gateway.model.notices import Notice
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token


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

    async def allowances(self, station: str) -> Allowances | None:
        """What the backend's charging profiles allow at a station as it is now; None: this profile knows of none.

        It is asked whenever what decides the limits has changed; ``Northbound.allowances_changed`` says so of the profiles.

        Raises:
            GatewayError: ``storage-failed``; what was said last counts on.
        """
        del station
        return None

    async def rate_changed(self, station: str, evse: int, before: float | None, after: float | None) -> None:
        """Hear that an EVSE may draw more or less (A per phase; None: no limit) because of a limit that is not the backend's."""
        del station, evse, before, after

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome | None:
        """Carry a vendor's own message of a station to the backend; None if this profile does not."""
        del station, vendor, message, data
        return None
