"""Profile Security put together."""

from __future__ import annotations

import asyncio
import logging
from secrets import token_hex
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.changes import SecurityNoticed, StationRestarted
from gateway.model.errors import GatewayError
from gateway.model.events import SecurityReported
from gateway.model.station import Capability
from profiles.security import events
from profiles.security.contracts import Contracts
from profiles.security.network import Network
from profiles.security.passwords import change_password
from profiles.security.revocation import Revocation
from profiles.security.signing import SIGN, Signing
from profiles.security.station_certificates import TRIGGERED, StationCertificates
from profiles.security.trust_store import TrustStore
from profiles.security.variables import PASSWORD, PRIORITY, RELEVANT, plug_and_charge_variables, security_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.contracts import Backend, Handler, Json, Message, Northbound, Reply
    from gateway.model.changes import Change
    from gateway.model.commands import Outcome
    from gateway.model.device import SetResult, VariableRef, VariableSpec
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

MARK_BYTES = 8

LOOK_EVERY = 3600.0
"""Seconds between two looks at certificates that may expire."""


class SecurityProfile(Profile):
    """Everything that guards the way to the CSMS, and tells of it."""

    name: ClassVar[str] = "security"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._revocation = Revocation(northbound, backend)
        self._of_station = StationCertificates(northbound, self._revocation)
        self._contracts = Contracts(northbound, backend, self._revocation)
        self._store = TrustStore(northbound, backend, self._notice, self._of_station)
        self._signing = Signing(northbound, backend, self._notice, self._store.count, self._of_station)
        self._network = Network(northbound, backend)
        self._news = asyncio.Event()

    @override
    async def run(self) -> None:
        started = False
        while True:
            for station in self._northbound.stations():
                if not started and self._northbound.station(station).identity is not None:
                    # The box is what the CSMS takes for the station: its start is one.
                    await self._notice(station, events.STARTED, "")
                await self.look_after(station)
            started = True
            await self._until_next_look()

    async def look_after(self, station: str) -> None:
        """See to what has its time: certificates that expire, and what is known of their revocation."""
        try:
            await self._store.count(station)
            await self._signing.renew(station)
            await self._revocation.refresh(station)
        except GatewayError as error:
            logger.warning("%s: certificates: %s", station, error)

    async def _until_next_look(self) -> None:
        """Wait, and meanwhile ask again for certificates that should have come."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LOOK_EVERY
        while (left := end - loop.time()) > 0:
            self._news.clear()
            due = self._signing.next_due()
            if due is not None:
                left = min(left, max((due - self._northbound.now()).total_seconds(), 0.0))
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                await self.send_again()

    async def send_again(self) -> None:
        """Ask once more for certificates that should have come."""
        try:
            await self._signing.send_again()
        except GatewayError as error:
            logger.warning("request for a certificate not sent: %s", error)

    async def renew(self, station: str) -> None:
        """Ask for a new certificate where it is time to."""
        await self._signing.renew(station)

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "SetNetworkProfile": self._set_profile,
            "CertificateSigned": self._signing.signed,
            **self._store.handlers(),
        }

    async def _set_profile(self, station: str, payload: Json) -> Reply:
        reply = await self._network.set_profile(station, payload)
        if reply.payload["status"] == "Accepted":
            await self._notice(station, events.RECONFIGURED, f"network profile {payload['configurationSlot']}")
        return reply

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        yield from security_variables(self._northbound.installation(state.id))
        if Capability.PLUG_AND_CHARGE in state.capabilities:
            yield from plug_and_charge_variables()

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        match change:
            case SecurityNoticed():
                if change.type == events.RECONFIGURED:
                    self._northbound.background(self._store.count(state.id))
                found = [self._tell(state.id, change.type, change.at, change.info)]
            case StationRestarted():
                found = [self._tell(state.id, e, change.at, "") for e in events.events_of_start(change.reason)]
            case _:
                return ()
        return [message for message in found if message is not None]

    def _tell(self, station: str, event: str, at: datetime, info: str) -> Message | None:
        """To the log (A04.FR.04), and to the CSMS if it is critical (A04.FR.01)."""
        self._northbound.background(self._log(station, event, at, info))
        return events.message(event, at, info)

    async def _log(self, station: str, event: str, at: datetime, info: str) -> None:
        if await self._northbound.security_log.append(station, at, event, info):
            await self._notice(station, events.LOG_CLEARED, "")

    async def _notice(self, station: str, event: str, info: str) -> None:
        """A security event of the box's own; what it is about has happened, whether or not it can be told."""
        report = SecurityReported(station=station, at=self._northbound.now(), type=event, info=info)
        try:
            await self._northbound.publish(report)
        except GatewayError as error:
            logger.warning("%s: security event %s could not be noted: %s", station, event, error)

    @override
    async def take_variable(self, station: str, ref: VariableRef, value: str) -> SetResult | None:
        if ref == PRIORITY:
            refusal = await self._network.refuse_priority(station, value)
            if refusal is not None:
                return refusal
        if ref in RELEVANT:
            await self._notice(station, events.RECONFIGURED, f"{ref.variable} {value}")
        if ref != PASSWORD:
            return None
        result = await change_password(self._northbound, station, value)
        if result.accepted:
            await self._notice(station, events.RECONFIGURED, PASSWORD.variable)  # A01.FR.11
            await self._mark(station)
            self._backend.reconnect(station)
        return result

    async def _mark(self, station: str) -> None:
        """Note that the password is another one, which can be monitored (N07.FR.10), and nothing of it."""
        try:
            await self._northbound.note_variable(station, PASSWORD, token_hex(MARK_BYTES))
        except GatewayError as error:
            logger.warning("%s: a new password could not be noted for monitors: %s", station, error)

    @override
    async def triggered(self, station: str, message: str, evse: int) -> Reply | None:
        if message == TRIGGERED:
            return await self._of_station.trigger(station)
        return self._signing.trigger(station) if message == "SignChargingStationCertificate" else None

    @override
    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome | None:
        return await self._contracts.vendor_message(station, vendor, message, data)

    @override
    async def on_response(self, station: str, message: Message, response: Json) -> None:
        if message.action == SIGN:
            self._signing.answered(station, message.payload, response)
            self._news.set()
