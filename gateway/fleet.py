"""The stations of the site at run time: state, device model, adapter, and what is in progress."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.model.device import DeviceModel
from gateway.model.events import StationFound
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation
from gateway.model.station import StationState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from gateway.actuation.limiter import Limiter
    from gateway.contracts import Adapter
    from gateway.model.device import VariableRef, VariableSpec
    from gateway.model.events import Event, StationVariable
    from gateway.model.readings import Sample
    from gateway.model.tokens import Authorization, Token

WORDS_KEPT = 64
STRANGERS_KEPT = 100


@dataclass(slots=True, kw_only=True)
class Member:
    """One station at run time; the hub alone writes it.

    ``registered``: the CSMS has accepted the station since it, or the box, has started; ``closing`` is held while EVSEs are
    closed until then.
    ``awaited``: transactions whose begin waits for the backend's word. ``last_word``: what was last said of a token.
    ``limiter``: the means of limiting that were added to its EVSEs.
    ``power``: what each EVSE draws, in W, as last measured. ``sensed``: what added sensors tell, by ``VariableRef.key``.
    ``given``: the limit that each EVSE has last taken, A per phase; None: no limit.
    ``measured``: the last readings of each EVSE. ``halting``: stops for an alarm that is yet to be committed, by transaction.
    """

    id: str
    adapter_name: str
    adapter: Adapter
    state: StationState
    installation: Installation = field(default_factory=Installation)
    values: dict[str, str] = field(default_factory=dict)
    settings: tuple[StationVariable, ...] = ()
    settings_read_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    awaited: dict[str, asyncio.Future[Authorization]] = field(default_factory=dict)
    last_word: dict[str, Authorization] = field(default_factory=dict)
    power: dict[int, float] = field(default_factory=dict)
    sensed: dict[str, str] = field(default_factory=dict)
    measured: dict[int, Sample] = field(default_factory=dict)
    registered: bool = False
    closing: asyncio.Lock = field(default_factory=asyncio.Lock)
    halting: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    device: DeviceModel | None = None
    limiter: Limiter | None = None
    given: dict[int, float | None] = field(default_factory=dict)

    def equipped(self, event: Event) -> Event:
        """What is told of what the station can do, with the means of limiting that were added to it."""
        if self.limiter is None or not isinstance(event, StationFound):
            return event
        return replace(event, capabilities=self.limiter.found(event.capabilities))

    def note_given(self, evse: int, current: float | None) -> None:
        """Note a limit that the station has taken; ``evse`` 0: at each of its EVSEs."""
        for each in (evse,) if evse else self.state.evses():
            self.given[each] = current

    def note_word(self, token: Token, authorization: Authorization) -> None:
        """Remember what was last said of a token; its languages hold until others are said."""
        before = self.last_word.pop(token.key, None)
        if before is not None and not authorization.languages:
            authorization = replace(authorization, languages=before.languages)
        self.last_word[token.key] = authorization
        if len(self.last_word) > WORDS_KEPT:
            del self.last_word[next(iter(self.last_word))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Somebody who calls with an identity that no station of the site has."""

    claimed_identity: str
    peer: str
    count: int
    last: datetime


class Fleet:
    """All stations of the site, and the strangers that were turned away."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._members = {member.id: member for member in members}
        self._strangers: dict[tuple[str, str], Stranger] = {}
        self._specs: Callable[[StationState], Iterable[VariableSpec]] = lambda _: ()

    def describe_by(self, specs: Callable[[StationState], Iterable[VariableSpec]]) -> None:
        """Say which variables a station has."""
        self._specs = specs
        for member in self._members.values():
            member.device = None

    def members(self) -> tuple[Member, ...]:
        """Every station, in the order of the site."""
        return tuple(self._members.values())

    def member(self, station: str) -> Member:
        """One station.

        Raises:
            KeyError: the site has no such station.
        """
        return self._members[station]

    def device(self, station: str) -> DeviceModel:
        """The device model, without live values; built anew after what it stands on has changed."""
        member = self._members[station]
        if member.device is None:
            member.device = DeviceModel.of(self._specs(member.state), member.values, member.settings)
        return member.device

    def set_value(self, station: str, ref: VariableRef, value: str) -> None:
        """Take over a value that has been committed."""
        member = self._members[station]
        member.values[ref.key] = value
        if member.device is not None:
            member.device = member.device.with_value(ref, value)

    def take(self, member: Member, state: StationState, settings: tuple[StationVariable, ...] | None) -> None:
        """Take over a state and settings that have been committed."""
        if _shape(state) != _shape(member.state) or (settings is not None and settings != member.settings):
            member.device = None
        member.state = state
        if settings is not None:
            member.settings = settings

    def note_stranger(self, claimed_identity: str, peer: str, now: datetime) -> None:
        """Count a call that was turned away."""
        key = (claimed_identity, peer)
        known = self._strangers.pop(key, None)
        count = known.count + 1 if known else 1
        self._strangers[key] = Stranger(claimed_identity=claimed_identity, peer=peer, count=count, last=now)
        if len(self._strangers) > STRANGERS_KEPT:
            del self._strangers[next(iter(self._strangers))]

    def strangers(self) -> tuple[Stranger, ...]:
        """Who was turned away, the latest last."""
        return tuple(self._strangers.values())


def _shape(state: StationState) -> tuple[object, ...]:
    """What decides which variables a station has."""
    connectors = tuple((c.evse, c.connector) for c in state.connectors)
    return (state.identity, state.capabilities, connectors, tuple(bay.evse for bay in state.bays))


def first_state(
    identity: str, connectors: Mapping[int, tuple[int, int]], known: StationState | None, now: datetime
) -> StationState:
    """The state at start: what the store has, with every connector that the site names.

    A station that was reachable is taken to be so still: its adapter tells if it is not.

    Args:
        identity: of the station.
        connectors: the station's own number -> (evse, connector), as the site has them.
        known: what the store has.
        now: when a connector that was never heard of became Unavailable.
    """
    state = known or StationState(id=identity)
    for evse, connector in connectors.values():
        if state.connector(evse, connector) is None:
            fresh = ConnectorState(evse=evse, connector=connector, reported=ConnectorStatus.AVAILABLE, at=now)
            state = state.with_connector(fresh)
    return state
