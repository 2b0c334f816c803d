"""Profile Monitoring put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.changes import StationRestarted
from profiles.monitoring.built_in import built_in
from profiles.monitoring.requests import Requests
from profiles.monitoring.variables import monitoring_variables
from profiles.monitoring.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.contracts import Backend, Handler, Message, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.installation import Installation
    from gateway.model.monitoring import VariableMonitor
    from gateway.model.station import StationState


class MonitoringProfile(Profile):
    """Monitors on variables: thresholds, differences and periods, and NotifyEvent when they have something to tell.

    The events of faults, which are not monitored but told by the station, are those of the core profile.
    """

    name: ClassVar[str] = "monitoring"

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        monitors: Callable[[StationState, Installation], Iterable[VariableMonitor]] = built_in,
    ) -> None:
        self.watch = Watch(northbound, backend, monitors)
        self._requests = Requests(northbound, backend, self.watch)

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return self._requests.handlers()

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return monitoring_variables()

    @override
    async def run(self) -> None:
        await self.watch.run()

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        self.watch.note(state.id, change)
        if isinstance(change, StationRestarted):
            self.watch.restarted(state.id)
        return ()

    @override
    def on_commit(self, station: str) -> None:
        self.watch.look(station)
