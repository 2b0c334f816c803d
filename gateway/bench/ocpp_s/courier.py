"""Brings what the station has to say to the central system: boot, outbox in order, heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gateway.bench.ocpp_s import messages
from gateway.bench.ocpp_s.ledger import Exchange
from gateway.bench.ocpp_s.line import LineDownError, SoapFaultError
from gateway.bench.ocpp_s.memory import Entry
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.bench.ocpp_s.chargepoint import ChargePoint
    from gateway.bench.ocpp_s.soap import Node
    from gateway.bench.ocpp_s.tokens import Tokens
    from gateway.bench.ocpp_s.wire import Calling

_NO_TRANSACTION = -1
"""The id in a StopTransaction whose StartTransaction was refused: the element is mandatory."""
_REJECTED_PAUSE = 60.0


class Courier:
    """Sends for one station, one request at a time.

    Args:
        point: the station.
        tokens: learns from idTagInfo.
        line: the way to the central system.
        callback: gives the station's own address.
    """

    def __init__(self, point: ChargePoint, tokens: Tokens, line: Calling, callback: Callable[[], str]) -> None:
        self.wake = asyncio.Event()
        self.accepted = False
        self._halted = False
        self._point = point
        self._outlets = point.outlets
        self._clock = point.outlets.clock
        self._tokens = tokens
        self._line = line
        self._callback = callback
        self._not_before = 0.0
        self._heartbeat_at = 0.0

    async def run(self) -> None:
        """Send until cancelled, from the boot on."""
        self.accepted = False
        self._halted = False
        self._not_before = 0.0
        while True:
            delay = await self._turn()
            await self._clock.wait(self.wake, delay)

    async def ask(self, operation: str, fields: messages.Fields) -> Node:
        """Send one request out of turn and give its answer.

        Raises:
            LineDownError: there was no answer, or the station is not accepted yet.
            SoapFaultError: the answer is a fault.
        """
        if not self.accepted:
            raise LineDownError("line-down", operation=operation)
        return await self._send(Entry(operation=operation, fields=fields))

    def halt(self) -> None:
        """Say nothing more until the next ``run``: the power is gone, even if a turn is still under way."""
        self._halted = True

    def hurry(self) -> None:
        """Try again at once, as after the line was mended."""
        self._not_before = 0.0
        self.wake.set()

    def plan_heartbeat(self) -> None:
        """Plan the next heartbeat anew after its interval was changed."""
        interval = self._point.keys.number("HeartBeatInterval")
        self._heartbeat_at = self._clock.elapsed() + interval if interval else float("inf")
        self.wake.set()

    async def _turn(self) -> float | None:
        """Send what can be sent and give the simulated seconds until there may be more to do."""
        if self._halted:
            return None
        if self._clock.elapsed() < self._not_before:
            return self._not_before - self._clock.elapsed()
        try:
            if not self.accepted and not await self._boot():
                return self._not_before - self._clock.elapsed()
            outbox = self._outlets.memory.outbox
            while outbox:
                await self._deliver(outbox[0])
            if not self._outlets.online or self._heartbeat_at <= self._clock.elapsed():
                await self._beat()
        except GatewayError:
            # No answer, or one that cannot be used: the same message goes out again later.
            self._outlets.lose_line()
            self._wait(self._outlets.config.retry_interval)
            return self._outlets.config.retry_interval
        left = self._heartbeat_at - self._clock.elapsed()
        return None if left == float("inf") else max(0.0, left)

    def _wait(self, seconds: float) -> None:
        self._not_before = self._clock.elapsed() + seconds

    async def retell_boot(self) -> None:
        """Send a BootNotification because somebody asks for it; what it is answered by changes nothing."""
        config = self._outlets.config
        with contextlib.suppress(GatewayError):
            await self.ask("BootNotification", messages.boot(config, self._outlets.memory.firmware or config.firmware))

    def beat_now(self) -> None:
        """Send a Heartbeat as soon as nothing else is to be sent."""
        self._heartbeat_at = self._clock.elapsed()
        self.wake.set()

    async def _boot(self) -> bool:
        config = self._outlets.config
        firmware = self._outlets.memory.firmware or config.firmware
        try:
            answer = await self._send(Entry(operation="BootNotification", fields=messages.boot(config, firmware)))
        except SoapFaultError:
            self._wait(config.retry_interval)
            return False
        interval = answer.number(config.dialect.interval, 0)
        if answer.text("status", "Rejected") != "Accepted":
            self._wait(interval or _REJECTED_PAUSE)
            return False
        self.accepted = True
        self._outlets.online = True
        if interval > 0:
            self._point.keys.put("HeartBeatInterval", str(interval))
        self.plan_heartbeat()
        self._outlets.report_all()
        return True

    async def _beat(self) -> None:
        self.plan_heartbeat()
        try:
            await self._send(Entry(operation="Heartbeat", fields={}))
        except SoapFaultError:
            return

    async def _deliver(self, entry: Entry) -> None:
        outbox = self._outlets.memory.outbox
        try:
            answer = await self._send(entry)
        except SoapFaultError:
            # OCPP 1.5, section 8.2: what was answered by a fault should not be sent again.
            outbox[:] = [other for other in outbox if other is not entry]
            self._outlets.news()
            return
        if entry.operation == "StartTransaction":
            self._started(entry, answer)
        elif entry.operation == "StopTransaction" and entry.fields["idTag"]:
            self._tokens.learn(entry.fields["idTag"], answer)
        outbox[:] = [other for other in outbox if other is not entry]
        self._outlets.news()

    def _started(self, entry: Entry, answer: Node) -> None:
        number = entry.session
        if number is None:
            return
        transaction = answer.number("transactionId", _NO_TRANSACTION)
        self._outlets.memory.transaction_ids[number] = transaction
        info = self._tokens.learn(entry.fields["idTag"], answer)
        status = "" if info is None else info.status
        for truth in self._point.ledger.transactions:
            if truth.number == number:
                truth.transaction_id, truth.start_status = transaction, status
        if info is None:
            return
        for connector in self._outlets.connectors.values():
            session = connector.session
            if session is None or session.number != number:
                continue
            session.parent = info.parent or session.parent
            if status != "Accepted" and Quirk.CHARGE_ON_INVALID not in self._outlets.config.quirks:
                self._point.sessions.stop(connector.number, "DeAuthorized")

    async def _send(self, entry: Entry) -> Node:
        if self._halted:
            raise LineDownError("line-down", operation=entry.operation)
        fields = self._filled(entry)
        outcome = "lost"
        try:
            answer = await self._line.exchange(entry, fields, self._callback())
            outcome = "answered"
        except SoapFaultError:
            outcome = "fault"
            raise
        finally:
            self._point.ledger.exchanges.append(
                Exchange(
                    operation=entry.operation,
                    fields=fields,
                    at=self._outlets.now(),
                    outcome=outcome,
                    message_id=entry.message_id,
                )
            )
            self._outlets.news()
        self._outlets.online = self.accepted
        return answer

    def _filled(self, entry: Entry) -> messages.Fields:
        fields = dict(entry.fields)
        if "transactionId" not in fields:
            return fields
        known = None if entry.session is None else self._outlets.memory.transaction_ids.get(entry.session)
        if entry.operation == "StopTransaction":
            fields["transactionId"] = _NO_TRANSACTION if known is None else known
        else:
            fields["transactionId"] = 0 if Quirk.ZERO_TRANSACTION in self._outlets.config.quirks else known
        return fields
