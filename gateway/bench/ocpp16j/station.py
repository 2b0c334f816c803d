"""A simulated station that speaks OCPP 1.6-J: the station of `ocpp_s` behind a WebSocket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from typing_extensions import override

from gateway.bench.ocpp16j.line import Access, WebSocketLine
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.bench.ocpp_s.trace import ignore

if TYPE_CHECKING:
    from types import TracebackType

    from gateway.bench.clock import Clock
    from gateway.bench.ocpp_s.commands import Commands
    from gateway.bench.ocpp_s.config import StationConfig
    from gateway.bench.ocpp_s.memory import Memory
    from gateway.bench.ocpp_s.trace import Tracer
    from gateway.bench.ocpp_s.wire import Called, Calling


class JsonStation(SimulatedStation):
    """One station. ``run`` it in a task; the verbs are what happens to it.

    Args:
        config: what it is; its dialect is that of OCPP 1.6, and ``url`` is without the identity.
        clock: the time that it lives by.
        access: how it signs in.
        tracer: is shown every frame.
        memory: what it remembers from an earlier life.
    """

    def __init__(
        self,
        config: StationConfig,
        clock: Clock,
        access: Access | None = None,
        tracer: Tracer = ignore,
        *,
        memory: Memory | None = None,
    ) -> None:
        self._access = access or Access()
        self._connection: WebSocketLine | None = None
        super().__init__(config, clock, tracer, memory=memory)

    @override
    def _wire(self, commands: Commands, tracer: Tracer) -> tuple[Calling, Called]:
        self._connection = WebSocketLine(self.config, self._access, commands.dispatch, self._disconnected, tracer)
        return self._connection, _NotCalled()

    def _disconnected(self) -> None:
        """Connect again soon: the central system cannot call before."""
        if self._reachable():
            self.point.outlets.lose_line()
            self._courier.hurry()
        self._news()

    @override
    def _power_off(self, reason: str) -> None:
        super()._power_off(reason)
        if self._connection is not None:
            self._connection.drop()


class _NotCalled:
    """Nobody calls a station that has a connection of its own."""

    url = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return
