"""What every EVSE of the site may draw, and why: one governor for each station."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.limits.governor import Governor
from gateway.limits.memory import SHELF, Memory
from gateway.model.changes import FaultChanged, StationRestarted
from gateway.model.limits.binding import NOTHING, Binding
from gateway.model.rules.connectors import UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.contracts import Handler, Message, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
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

    def bindings(self, station: str) -> Mapping[int, Binding]:
        """Which limit binds each EVSE, as of the last look; EVSEs that nothing holds down are left out."""
        return self._governor(station).insight.bindings

    def binding(self, station: str, evse: int) -> Binding:
        """Which limit binds an EVSE, as of the last look."""
        return self.bindings(station).get(evse, NOTHING)

    def others(self, station: str, evse: int) -> float | None:
        """What all but load management leave an EVSE, the backend's charging profiles included.

        Returns:
            A per phase, as of the last look; None: no limit.
        """
        return self._governor(station).insight.others.get(evse)

    def given(self, station: str, evse: int) -> float | None:
        """What an EVSE was last given, and has taken: read back where its kind of station can be.

        Returns:
            A per phase, inf for no limit; None: not known, as after a restart of the station or a refusal.
        """
        return self._governor(station).given(evse)

    def _governor(self, station: str) -> Governor:
        if station not in self._governors:
            self._governors[station] = Governor(station, self._northbound, self._memory, self._profiles)
        return self._governors[station]
