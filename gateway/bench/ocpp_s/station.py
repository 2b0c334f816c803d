"""A simulated station that speaks OCPP over SOAP: what the outside world and a central system see of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from gateway.bench.control import ControlledStation
from gateway.bench.ocpp_s import memory as store
from gateway.bench.ocpp_s.chargepoint import ChargePoint
from gateway.bench.ocpp_s.commands import Commands
from gateway.bench.ocpp_s.courier import Courier
from gateway.bench.ocpp_s.jobs import Jobs, Transfer
from gateway.bench.ocpp_s.line import Line, LineDownError
from gateway.bench.ocpp_s.memory import Memory, TokenInfo
from gateway.bench.ocpp_s.messages import stamp
from gateway.bench.ocpp_s.service import Service
from gateway.bench.ocpp_s.tokens import Tokens
from gateway.bench.ocpp_s.trace import ignore
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from gateway.bench.clock import Clock
    from gateway.bench.ocpp_s.config import StationConfig
    from gateway.bench.ocpp_s.connector import Connector
    from gateway.bench.ocpp_s.ledger import Ledger
    from gateway.bench.ocpp_s.trace import Tracer
    from gateway.bench.ocpp_s.wire import Called, Calling

_SOFT_RESET_PATIENCE = 30.0
"""Simulated seconds that a soft reset waits for its StopTransactions to be answered."""


class _PowerOffError(Exception):
    """Ends everything that runs while the station is on."""


class SimulatedStation(ControlledStation):
    """One station. ``run`` it in a task; the verbs are what happens to it.

    Args:
        config: what it is.
        clock: the time that it lives by. Its time stamps are this clock's wall time plus the configured skew.
        tracer: is shown every SOAP envelope.
        memory: what it remembers from an earlier life.
    """

    def __init__(
        self, config: StationConfig, clock: Clock, tracer: Tracer = ignore, *, memory: Memory | None = None
    ) -> None:
        self.config = config
        self.ready = asyncio.Event()
        self._clock = clock
        self._time_wake = asyncio.Event()
        self._save_wake = asyncio.Event()
        self._off = asyncio.Event()
        self._back = asyncio.Event()
        self._exiting = False
        self._powered = False
        self._life: asyncio.TaskGroup | None = None
        self._watchers = {self._time_wake, self._save_wake}
        self.point = ChargePoint(config, clock, memory if memory is not None else Memory(), self._news)
        self.tokens = Tokens(self.point.outlets.memory)
        self._line, self._service = self._wire(Commands(self), tracer)
        self.jobs = Jobs(self.point, self._line)
        self._courier = Courier(self.point, self.tokens, self._line, lambda: self._service.url)
        self._watchers.add(self._courier.wake)

    def _wire(self, commands: Commands, tracer: Tracer) -> tuple[Calling, Called]:
        """The ways from and to the station; a station that does not speak SOAP has others."""
        complain = self.ledger.complaints.append
        line = Line(self.config, tracer, complain)
        return line, Service(self.config, commands.dispatch, self._reachable, tracer, complain)

    @property
    def ledger(self) -> Ledger:
        """What the station truly did."""
        return self.point.ledger

    @property
    def url(self) -> str:
        """Where the station can be called; empty before ``ready``."""
        return self._service.url

    @property
    def is_accepted(self) -> bool:
        """Whether the central system accepted the last boot."""
        return self._powered and self._courier.accepted

    @property
    def backlog(self) -> int:
        """How many requests wait in the outbox."""
        return len(self.point.outlets.memory.outbox)

    def connector(self, number: int) -> Connector:
        """Give a connector as it is, with the meter counted up to now.

        Raises:
            GatewayError: ``unknown-evse``.
        """
        self.point.outlets.settle()
        return self.point.outlets.connector(number)

    async def wait_until(self, predicate: Callable[[SimulatedStation], bool]) -> None:
        """Wait until something is so; bound it with ``asyncio.timeout``."""
        news = asyncio.Event()
        self._watchers.add(news)
        try:
            while not predicate(self):
                await news.wait()
                news.clear()
        finally:
            self._watchers.discard(news)

    # -- life -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Live until ``exit``: listen, boot, and after each loss of power boot again."""
        self.point.resume()
        saver = asyncio.create_task(self._save())
        try:
            async with self._line, self._service:
                self.ready.set()
                while not self._exiting:
                    await self._live()
                    if not self._exiting:
                        await self._clock.wait(self._back, self.config.reboot_time)
        finally:
            saver.cancel()
            await asyncio.gather(saver, return_exceptions=True)
            await self._save_once()

    async def _live(self) -> None:
        """Be on until the power goes."""
        self._off.clear()
        self._powered = True
        self.ledger.boots += 1
        try:
            async with asyncio.TaskGroup() as life:
                self._life = life
                life.create_task(self._courier.run())
                life.create_task(self._keep_time())
                life.create_task(self._end_life())
        except* _PowerOffError:
            self._life = None

    async def _end_life(self) -> None:
        await self._off.wait()
        raise _PowerOffError

    async def _keep_time(self) -> None:
        sessions = self.point.sessions
        while True:
            due = sessions.next_time()
            left = None if due is None else due - self._clock.elapsed()
            if left is not None and left <= 0:
                sessions.on_time()
            else:
                await self._clock.wait(self._time_wake, left)

    async def _save(self) -> None:
        while True:
            await self._save_wake.wait()
            self._save_wake.clear()
            await self._save_once()

    async def _save_once(self) -> None:
        path = self.config.state_file
        if path is not None:
            outlets = self.point.outlets
            outlets.settle()
            outlets.memory.saved_at = stamp(outlets.now(), self.config.quirks)
            await asyncio.to_thread(store.write_file, path, store.dump(outlets.memory))

    def _power_off(self, reason: str) -> None:
        if self._powered:
            self._powered = False
            self._courier.halt()
            self.point.lose_power(reason)
            self._off.set()
            self._news()

    def _spawn(self, job: Coroutine[None, None, None]) -> None:
        if self._life is None or not self._powered:
            job.close()
        else:
            self._life.create_task(job)

    def _reachable(self) -> bool:
        return self._powered and not self._line.is_cut

    def _news(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    # -- what commands lead to ------------------------------------------------------------------------------------

    def reset(self, *, soft: bool) -> None:
        """Reboot; soft: after the transactions have been stopped towards the central system."""
        if soft:
            self._spawn(self._reset_softly())
        else:
            self._power_off("Reset")

    def configured(self) -> None:
        """Let changed configuration keys take effect."""
        self.point.sessions.plan()
        self._courier.plan_heartbeat()
        self.limited()

    def limited(self) -> None:
        """Let means of the vendor's, or of an added contactor, take effect."""
        self.point.outlets.limit()
        self.point.outlets.report_each()
        self.point.outlets.news()

    def supply(self, evse: int, *, on: bool) -> None:
        """Close or open a contactor that somebody has added to an outlet; the station sees only that nothing flows."""
        self.point.outlets.connector(evse)
        (self.point.outlets.cut.discard if on else self.point.outlets.cut.add)(evse)
        self.limited()

    def tell_boot(self) -> None:
        """Send a BootNotification again."""
        self._spawn(self._courier.retell_boot())

    def beat_now(self) -> None:
        """Send a Heartbeat now."""
        self._courier.beat_now()

    def upload(self, transfer: Transfer) -> None:
        """Upload diagnostics in the background."""
        self._spawn(self.jobs.upload_diagnostics(transfer))

    def update(self, transfer: Transfer, retrieve_at: datetime) -> None:
        """Update the firmware in the background."""
        self._spawn(self._update(transfer, retrieve_at))

    async def _reset_softly(self) -> None:
        for number in self.point.outlets.connectors:
            self.point.sessions.stop(number, "SoftReset")
        await self._delivered()
        self._power_off("Reset")

    async def _update(self, transfer: Transfer, retrieve_at: datetime) -> None:
        if await self.jobs.update_firmware(transfer, retrieve_at, self._idle):
            await self._delivered()
            self._power_off("Reset")

    async def _idle(self) -> None:
        await self.wait_until(lambda station: not station.point.outlets.memory.sessions)

    async def _delivered(self) -> None:
        """Wait until the outbox is empty, but not for ever."""
        deadline = self._clock.elapsed() + _SOFT_RESET_PATIENCE
        timer = self._clock.call_at(deadline, self._news)
        try:
            await self.wait_until(lambda station: not station.backlog or self._clock.elapsed() >= deadline)
        finally:
            timer.cancel()

    async def transfer_data(self, vendor: str, message: str = "", data: str = "") -> tuple[str, str]:
        """Send a DataTransfer and give status and data of the answer.

        Raises:
            GatewayError: LineDownError or SoapFaultError.
        """
        fields = {"vendorId": vendor, "messageId": message or None, "data": data or None}
        answer = await self._courier.ask("DataTransfer", fields)
        return answer.text("status"), answer.text("data", "")

    # -- tokens ---------------------------------------------------------------------------------------------------

    async def _present(self, number: int, token: str) -> None:
        connector = self.point.outlets.connector(number)
        session = connector.session
        if session is not None and session.token.casefold() == token.casefold():
            self.point.sessions.stop(number, "Local", token)
            return
        info = await self._authorize(token)
        if info.status != "Accepted":
            return
        session = connector.session
        if session is None:
            self.point.admit(number, token, info.parent)
        elif info.parent and info.parent.casefold() == session.parent.casefold():
            self.point.sessions.stop(number, "Local", token)

    async def _authorize(self, token: str) -> TokenInfo:
        refusal = TokenInfo(status="Invalid")
        try:
            answer = await self._courier.ask("Authorize", {"idTag": token})
            return self.tokens.learn(token, answer) or refusal
        except LineDownError:
            known = self.tokens.offline(token, self.point.outlets.now())
            if known is not None:
                return known
            return TokenInfo() if self.config.offline_unknown else refusal
        except GatewayError:
            # A SOAP fault, or an answer without a status: no permission.
            return refusal

    # -- the outside world ----------------------------------------------------------------------------------------

    @override
    async def plug_in(self, evse: int) -> None:
        self.point.plug_in(evse)

    @override
    async def plug_out(self, evse: int) -> None:
        self.point.plug_out(evse)

    @override
    async def present_token(self, evse: int, token: str) -> None:
        self.point.outlets.connector(evse)
        self._spawn(self._present(evse, token))

    @override
    async def ev_pause(self, evse: int) -> None:
        self.point.pause(evse, paused=True)

    @override
    async def ev_resume(self, evse: int) -> None:
        self.point.pause(evse, paused=False)

    @override
    async def fault(self, evse: int, error: str) -> None:
        self.point.fail(evse, error)

    @override
    async def clear_fault(self, evse: int) -> None:
        self.point.fail(evse, "")

    @override
    async def power_cycle(self) -> None:
        self._power_off("PowerLoss")

    @override
    async def link_down(self) -> None:
        self._line.cut()
        self.point.outlets.lose_line()
        self._news()

    @override
    async def link_up(self) -> None:
        self._line.mend()
        self._courier.hurry()

    @override
    async def exit(self) -> None:
        self._exiting = True
        self._powered = False
        self._off.set()
        self._back.set()
