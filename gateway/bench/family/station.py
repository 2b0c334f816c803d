"""A simulated station of a family: its connectors, its ways, and what the outside world does to it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.car import Car
from gateway.bench.control import ControlledStation
from gateway.bench.family.line import unasked
from gateway.bench.family.outlet import Outlet
from gateway.family.family import LineFamily
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.bench.clock import Clock
    from gateway.bench.family.endpoint import Endpoint
    from gateway.bench.family.identity import Identity
    from gateway.family.family import AnyFamily

_TICK = 0.5
"""Real seconds between two looks at what has changed, where a station tells it unasked."""

_FAREWELL = 0.1
"""Real seconds between an order to restart and the restart."""

_REBOOT = 1.0
"""Real seconds that a loss of power lasts."""


class FamilyStation(ControlledStation):
    """One station.

    Args:
        family: With its variants.
        clock: The time that it lives by.
        identity: What is particular to it.
        connectors: How many it has.
        pace: How much faster than real time the clock runs.

    Attributes:
        outlets: Its connectors.
        meter: An added meter in the supply of the first connector, if there is one.
        ended: Set once it is told to exit.
    """

    def __init__(
        self,
        family: AnyFamily,
        clock: Clock,
        *,
        identity: Identity | None = None,
        connectors: int = 1,
        pace: float = 1.0,
    ) -> None:
        self.family = family
        self.meter: Outlet | None = None
        self._clock = clock
        self.ended = asyncio.Event()
        self._news = asyncio.Event()
        self._restarts = asyncio.Event()
        self._endpoints: list[Endpoint] = []
        self._letters: dict[int, str] = {}
        self._publish: list[Callable[[], Awaitable[None]]] = []
        self.outlets = tuple(
            Outlet(
                family, number, clock, identity=identity, pace=pace, changed=self._news.set, restart=self._restarts.set
            )
            for number in range(1, connectors + 1)
        )

    def add_meter(self, family: AnyFamily, identity: Identity | None = None) -> None:
        """Put a meter of another family into the supply of the first connector."""
        self.meter = Outlet(family, 1, self._clock, identity=identity)
        self.meter.measure(self.outlets[0])

    def attach(self, endpoint: Endpoint, publish: Callable[[], Awaitable[None]] | None = None) -> None:
        """Be reachable by a way; ``publish`` tells there what has changed."""
        self._endpoints.append(endpoint)
        if publish is not None:
            self._publish.append(publish)

    @property
    def connection(self) -> Mapping[str, object]:
        """The ``connection`` table of the first way."""
        return self._endpoints[0].connection if self._endpoints else {}

    @property
    def ways(self) -> tuple[Endpoint, ...]:
        """Everything by which it can be reached."""
        return tuple(self._endpoints)

    async def start(self) -> None:
        """Serve every way.

        Raises:
            OSError: an address cannot be had.
        """
        async with contextlib.AsyncExitStack() as begun:
            for endpoint in self._endpoints:
                await endpoint.start()
                begun.push_async_callback(endpoint.aclose)
            begun.pop_all()

    async def run(self) -> None:
        """Live until ``exit``; ``start`` comes before."""
        tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._restart())]
        try:
            await self.ended.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for endpoint in self._endpoints:
                await endpoint.aclose()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._news.wait()
            self._news.clear()
            for publish in self._publish:
                await publish()
            self._announce()

    async def _restart(self) -> None:
        """Restart when told so; the order is answered before."""
        while True:
            await self._restarts.wait()
            await asyncio.sleep(_FAREWELL)
            self._restarts.clear()
            await self.power_cycle()

    def _announce(self) -> None:
        """Lines that come unasked when the state has changed."""
        if not isinstance(self.family, LineFamily) or not self.family.unasked:
            return
        for outlet in self.outlets:
            letter = str(outlet.letter)
            if self._letters.setdefault(outlet.number, letter) != letter:
                self._letters[outlet.number] = letter
                for endpoint in self._endpoints:
                    endpoint.tell(unasked(self.family, outlet))

    def outlet(self, evse: int) -> Outlet:
        """A connector.

        Raises:
            GatewayError: ``unknown-evse``.
        """
        if not 1 <= evse <= len(self.outlets):
            raise GatewayError("unknown-evse", evse=evse)
        return self.outlets[evse - 1]

    # -- the outside world ------------------------------------------------------------------------------------------

    @override
    async def plug_in(self, evse: int) -> None:
        outlet = self.outlet(evse)
        if outlet.charge.evse.car is not None:
            raise GatewayError("car-present", evse=evse)
        is_dc = self.family.meta.current == "DC"
        outlet.plug(Car(max_current=125.0, phases=1) if is_dc else Car())

    @override
    async def plug_out(self, evse: int) -> None:
        self._with_car(evse).plug(None)

    @override
    async def present_token(self, evse: int, token: str) -> None:
        self.outlet(evse).present(token)

    @override
    async def ev_pause(self, evse: int) -> None:
        self._with_car(evse).pause(paused=True)

    @override
    async def ev_resume(self, evse: int) -> None:
        self._with_car(evse).pause(paused=False)

    @override
    async def fault(self, evse: int, error: str) -> None:
        for outlet in self.outlets if evse == 0 else (self.outlet(evse),):
            outlet.fail(error)

    @override
    async def clear_fault(self, evse: int) -> None:
        for outlet in self.outlets if evse == 0 else (self.outlet(evse),):
            outlet.fail("")

    @override
    async def power_cycle(self) -> None:
        """The power is away for a moment; what was only in memory is gone."""
        await self.link_down()
        for outlet in self.outlets:
            outlet.reboot()
        await asyncio.sleep(_REBOOT)
        await self.link_up()

    @override
    async def link_down(self) -> None:
        for endpoint in self._endpoints:
            await endpoint.cut()

    @override
    async def link_up(self) -> None:
        for endpoint in self._endpoints:
            try:
                await endpoint.mend()
            except OSError as error:
                raise GatewayError("bench-listen", reason=str(error)) from error

    @override
    async def exit(self) -> None:
        self.ended.set()

    def _with_car(self, evse: int) -> Outlet:
        outlet = self.outlet(evse)
        if outlet.charge.evse.car is None:
            raise GatewayError("no-car", evse=evse)
        return outlet
