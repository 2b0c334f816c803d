"""Profile Firmware: new firmware for the station itself (OCPP 2.0.1 Part 2, L01, L02).

A station with the security extension of OCPP 1.6 verifies signed firmware itself. For every other one the box does: it
fetches the file, verifies it, and then has the station fetch it from the box. It does so as well with unsigned firmware
that the station could not fetch as it is wanted: OCPP 1.x knows one time only, and old stations have no TLS of today. What
is left a station fetches by itself.

Once the CSMS has installed a manufacturer's root certificate for a station, unsigned firmware is refused.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile, Reply
from gateway.model.changes import FirmwareProgressed
from gateway.model.commands import UpdateFirmware
from gateway.model.credentials import MANUFACTURER_ROOT
from gateway.model.errors import GatewayError
from gateway.model.events import FirmwareProgress, FirmwareStatus, SecurityReported
from gateway.model.rules.stations import firmware_idle
from gateway.model.station import Capability
from profiles.common.replies import refused, refused_by, status_info
from profiles.common.variable_specs import writable
from profiles.firmware.carrying import Carrying
from profiles.firmware.fetcher import Fetcher
from profiles.firmware.pending import COMPONENT, TICK, VARIABLE, Pending, holds_back
from profiles.firmware.wish import Wish, refusal_of, verifies, wish_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState
    from profiles.firmware.carrying import Fetch

logger = logging.getLogger(__name__)

_BAD_CERTIFICATE = ("InvalidCertificate", "RevokedCertificate")
"""What a station says of a certificate that firmware is signed with, as OCPP 2.0.1 says it."""


INVALID_CERTIFICATE = "InvalidFirmwareSigningCertificate"
"""Security event (Part 2 Appendices, 1)."""


class FirmwareProfile(Profile):
    """UpdateFirmware, and the word of the station and the box on how it goes."""

    name: ClassVar[str] = "firmware"

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        fetch: Fetch | None = None,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._northbound = northbound
        self._backend = backend
        self._carrying = Carrying(northbound, fetch or Fetcher(northbound).fetch, wait)
        self._pending = Pending(northbound, self._carrying.waits)

    @override
    async def run(self) -> None:
        await self._carrying.recall()
        await self._pending.recall()
        while True:
            for station in self._northbound.stations():
                self._carrying.look(station)
                await self._pending.look(station)
            self._carrying.news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._carrying.pause(TICK)):
                    await self._carrying.news.wait()

    @override
    def on_commit(self, station: str) -> None:
        if self._pending.due(station):
            self._northbound.background(self._pending.close(station))
        self._carrying.look(station)

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"UpdateFirmware": self.update_firmware}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        if holds_back(state):
            yield writable(COMPONENT, VARIABLE, "false")

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if not isinstance(change, FirmwareProgressed):
            return ()
        if change.request_id is None:
            # A report needs the requestId of the order (L01.FR.20), and here there was none.
            logger.info("%s: firmware that the backend did not send: %s", state.id, change.status)
            return ()
        if change.status is FirmwareStatus.INSTALLED:
            self._northbound.background(self._connect_anew(state.id))
        told: Json = {"status": change.status.value, "requestId": change.request_id}
        return (Message(action="FirmwareStatusNotification", payload=told),)

    async def update_firmware(self, station: str, payload: Json) -> Reply:
        """Have new firmware fetched and installed; Accepted means that the box, or the station, has taken the order."""
        state = self._northbound.station(station)
        if Capability.FIRMWARE_UPDATE not in state.capabilities:
            return refused("UnsupportedRequest", "the station takes no firmware")
        wish, roots = wish_in(payload), await self._roots(station)
        if wish.certificate:
            problem = await self._problem(wish, roots, state)
            if problem:
                return self._invalid(station, problem)
        refusal = refusal_of(wish, state, rooted=bool(roots))
        if refusal is not None:
            return refused(*refusal)
        # A 1.x station has one order at a time: what it was still to do is not reported on any more.
        status = "Accepted" if firmware_idle(state) else "AcceptedCanceled"
        if wish.needs_box(state, self._northbound.now()):
            return await self._by_box(station, wish, status)
        return await self._by_station(station, wish, status)

    async def _by_box(self, station: str, wish: Wish, status: str) -> Reply:
        try:
            await self._carrying.start(station, wish.order(secrets.token_urlsafe(16)))
        except GatewayError as error:
            return refused("InternalError", error.code)

        async def begin() -> None:
            self._carrying.look(station)

        return Reply(payload={"status": status}, then=begin)

    async def _by_station(self, station: str, wish: Wish, status: str) -> Reply:
        order = UpdateFirmware(
            station=station,
            request_id=wish.request_id,
            location=wish.location,
            at=wish.retrieve_at if wish.signature else max(wish.retrieve_at, wish.install_at or wish.retrieve_at),
            install_at=wish.install_at,
            certificate=wish.certificate,
            signature=wish.signature,
            retries=wish.retries,
            retry_interval=wish.interval,
        )
        outcome = await self._northbound.execute(order)
        if not outcome.accepted and outcome.reason in _BAD_CERTIFICATE:
            return Reply(payload={"status": outcome.reason})
        if not outcome.accepted:
            return refused_by(outcome)
        await self._carrying.drop(station)
        return Reply(payload={"status": status}, then=partial(self._scheduled, order))

    async def _roots(self, station: str) -> list[str]:
        documents = await self._northbound.vault.documents(station)
        return [text for name, text in documents.items() if name.startswith(MANUFACTURER_ROOT)]

    async def _problem(self, wish: Wish, roots: list[str], state: StationState) -> str:
        """What is wrong with the certificate that firmware is signed with (L01.FR.21)."""
        if not roots and not verifies(state):
            return "no manufacturer's root certificate is installed"
        return await asyncio.to_thread(_certificate_problem, wish, roots, self._northbound)

    def _invalid(self, station: str, problem: str) -> Reply:
        answer: Json = {"status": "InvalidCertificate", "statusInfo": status_info("InvalidCertificate", problem)}
        return Reply(payload=answer, then=partial(self._noticed, station, INVALID_CERTIFICATE, problem))  # L01.FR.02

    async def _connect_anew(self, station: str) -> None:
        """As a station with new firmware does."""
        self._backend.reconnect(station)

    async def _noticed(self, station: str, event: str, info: str = "") -> None:
        at = self._northbound.now()
        await self._northbound.publish(SecurityReported(station=station, at=at, type=event, info=info))

    async def _scheduled(self, order: UpdateFirmware) -> None:
        """Say that the station waits (L02.FR.07): it cannot say so itself."""
        job, now = self._northbound.station(order.station).firmware, self._northbound.now()
        waits = job is not None and job.request_id == order.request_id and job.status is FirmwareStatus.IDLE
        if waits and order.at > now:
            scheduled = FirmwareProgress(station=order.station, at=now, status=FirmwareStatus.DOWNLOAD_SCHEDULED)
            await self._northbound.publish(scheduled)


def _certificate_problem(wish: Wish, roots: list[str], northbound: Northbound) -> str:
    from profiles.firmware.certificates import problem_of  # noqa: PLC0415 - loads cryptography, which not every box needs

    return problem_of(wish.certificate, roots, northbound.now())
