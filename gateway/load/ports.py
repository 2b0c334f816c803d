"""What load management needs of the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gateway.load.decision import Decision
    from gateway.load.flows import Flows
    from gateway.load.observation import MeterReading, Observation
    from gateway.load.sharing.standing import Standing
    from gateway.load.site import Phases
    from gateway.model.device import VariableRef
    from gateway.model.events import Event
    from gateway.model.limits.binding import Binding
    from gateway.model.limits.reason import LimitReason
    from gateway.model.readings import Sample
    from gateway.model.sensing import Value
    from gateway.model.station import StationState


class Notes(Protocol):
    """What is kept of stations over restarts."""

    async def notes(self, station: str) -> Mapping[str, str]:
        """What was noted of a station, by name."""

    async def note(self, station: str, name: str, value: str) -> None:
        """Keep something of a station.

        Raises:
            GatewayError: ``storage-failed``.
        """


class Box(Notes, Protocol):
    """The hub, as load management sees it."""

    @property
    def flowing(self) -> Flows:
        """What flows into cars."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def measured(self, station: str, evse: int) -> Sample | None:
        """The last readings of an EVSE since the box started."""

    def setting(self, station: str, ref: VariableRef) -> str:
        """The value of a variable of a station's device model, "" if it has none."""

    def given(self, station: str, evse: int) -> float | None:
        """The limit in A per phase that an EVSE has last taken, inf for none; None: not known."""

    def allowances_changed(self, station: str) -> None:
        """Have what the EVSEs of a station may draw looked at again."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit events of one station, in order.

        Raises:
            GatewayError: ``storage-failed``.
        """


class Meters(Protocol):
    """The meters of circuits."""

    def readings(self) -> Mapping[str, MeterReading | None]:
        """The newest reading of each metered circuit."""


class Channels(Protocol):
    """What sensors tell that lower limits."""

    def value(self, channel: str) -> Value | None:
        """What a channel tells; None: nothing that counts."""


class Shares(Protocol):
    """Connections that are shared with other boxes (``gateway.load.sharing``)."""

    def limits(self, now: float) -> Mapping[str, Phases]:
        """Circuit -> A per phase that this box may use now; ``now``: seconds of the loop's clock."""

    def report(self, seen: Observation, decision: Decision, own: Mapping[str, Phases]) -> None:
        """Take what is seen and decided, and what circuits might carry if nobody else used the connection."""

    def standings(self, now: float) -> Sequence[Standing]:
        """How this box stands at each of its connections; ``now`` as above."""

    async def run(self) -> None:
        """Take part until cancelled."""


class Limits(Protocol):
    """What EVSEs are given, by whoever gives it (``gateway.limits``)."""

    def explained_by(self, load: Callable[[str, int], LimitReason | None]) -> None:
        """Take who knows why load management allows an EVSE no more now."""

    def cap(self, station: str, evse: int) -> float | None:
        """A per phase that all but load management leave an EVSE; None: no limit."""

    def foreign(self, station: str, evse: int) -> Sequence[Binding]:
        """The limits that charging profiles of the backend are, each by itself, and last what leaves no more than ``cap``."""

    def priority(self, station: str, evse: int) -> int:
        """What the backend has said of the transaction at an EVSE, -9 to 9 (chargingPriority); 0: nothing."""
