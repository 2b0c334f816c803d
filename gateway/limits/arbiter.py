"""What every EVSE of the site may draw, and why: one governor for each station."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.limits.governor import Governor
from gateway.limits.memory import SHELF, Memory
from gateway.model.changes import FaultChanged, StationRestarted
from gateway.model.limits.binding import LOAD
from gateway.model.rules.connectors import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gateway.contracts import Handler, Message, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.limits.binding import Binding
    from gateway.model.limits.reason import LimitReason
    from gateway.model.station import StationState


class Arbiter(Profile):
    """Is told of changes as profiles are, and says nothing to the backend: that is up to the profiles.

    It is there whatever profiles the site offers, as limits of others than the backend hold in any case.
    """

    name: ClassVar[str] = "limits of EVSEs"

    def __init__(self, northbound: Northbound, profiles: Sequence[Profile]) -> None:
        """Take the box, and the profiles that may contribute (``Profile.allowances``); nothing is given before ``run``."""
        self._northbound = northbound
        self._profiles = tuple(profiles)
        self._memory = Memory(northbound.shelf(SHELF))
        self._governors: dict[str, Governor] = {}
        self._load: Callable[[str, int], LimitReason | None] = lambda _station, _evse: None

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return ()

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        lost = isinstance(change, FaultChanged) and change.fault == UNREACHABLE
        if lost or isinstance(change, StationRestarted):
            self._governor(state.id).forget()
        return ()

    @override
    def on_commit(self, station: str) -> None:
        self._governor(station).on_commit(self._northbound.station(station))

    @override
    async def run(self) -> None:
        """Keep every station at what it may draw."""
        async with asyncio.TaskGroup() as tasks:
            for station in self._northbound.stations():
                tasks.create_task(self._governor(station).run())

    def explained_by(self, load: Callable[[str, int], LimitReason | None]) -> None:
        """Take who knows why load management allows an EVSE no more now: that changes more often than what it allows."""
        self._load = load

    def bindings(self, station: str) -> Mapping[int, Binding]:
        """Which limit binds each EVSE, as of the last look; EVSEs that nothing holds down are left out."""
        found = self._governor(station).insight.bindings
        return {evse: self._explained(station, evse, each) for evse, each in found.items()}

    def _explained(self, station: str, evse: int, found: Binding) -> Binding:
        reason = self._load(station, evse) if found.holder == LOAD else None
        return found if reason is None else replace(found, reason=reason)

    def cap(self, station: str, evse: int) -> float | None:
        """What all but load management leave an EVSE, the backend's charging profiles included.

        Returns:
            A per phase, as of the last look; None: no limit.
        """
        return self._governor(station).insight.others.get(evse)

    def foreign(self, station: str, evse: int) -> tuple[Binding, ...]:
        """What leaves an EVSE no more than ``cap``: each charging profile of the backend, and last what binds of all."""
        return self._governor(station).insight.foreign(evse)

    def priority(self, station: str, evse: int) -> int:
        """Of the transaction at an EVSE, as the backend has said: -9 to 9, 0 where it has said nothing (K03.FR.06)."""
        return self._governor(station).priority(evse)

    def _governor(self, station: str) -> Governor:
        if station not in self._governors:
            self._governors[station] = Governor(station, self._northbound, self._memory, self._profiles)
        return self._governors[station]
