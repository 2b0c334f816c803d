"""Profile Firmware: new firmware for the station itself (OCPP 2.0.1 Part 2, L02).

The station fetches and installs by itself; OCPP 1.x knows one time only (when to fetch) and no signatures. So an update
that is to be installed at a time is fetched at that time, and signed firmware is refused: nobody would verify it. A
station with the security extension of OCPP 1.6 knows both times, and verifies signed firmware itself (L01). The
certificate it is signed with is checked by the box first, as far as the CSMS has installed the manufacturer's.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile, Reply
from gateway.model.changes import FirmwareProgressed
from gateway.model.commands import UpdateFirmware
from gateway.model.credentials import MANUFACTURER_ROOT
from gateway.model.events import FirmwareProgress, FirmwareStatus, SecurityReported
from gateway.model.rules.stations import firmware_busy, firmware_idle
from gateway.model.station import Capability
from profiles.common.replies import refused, refused_by, status_info
from profiles.common.variable_specs import writable
from profiles.common.wire import is_file_location, moment
from profiles.firmware.pending import COMPONENT, TICK, VARIABLE, Pending, holds_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

_BAD_CERTIFICATE = ("InvalidCertificate", "RevokedCertificate")
"""What a station says of a certificate that firmware is signed with, as OCPP 2.0.1 says it."""


UPDATED, INVALID_CERTIFICATE = "FirmwareUpdated", "InvalidFirmwareSigningCertificate"
"""Security events (Part 2 Appendices, 1)."""


class FirmwareProfile(Profile):
    """UpdateFirmware, and the station's word on how it goes."""

    name: ClassVar[str] = "firmware"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        del backend
        self._northbound = northbound
        self._pending = Pending(northbound)

    @override
    async def run(self) -> None:
        await self._pending.recall()
        while True:
            for station in self._northbound.stations():
                await self._pending.look(station)
            await asyncio.sleep(TICK)

    @override
    def on_commit(self, station: str) -> None:
        if self._pending.due(station):
            self._northbound.background(self._pending.close(station))

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
        if change.status is FirmwareStatus.INSTALLED and Capability.SIGNED_FIRMWARE not in state.capabilities:
            # A station with the security extension says so itself.
            self._northbound.background(self._noticed(state.id, UPDATED))
        told: Json = {"status": change.status.value, "requestId": change.request_id}
        return (Message(action="FirmwareStatusNotification", payload=told),)

    async def update_firmware(self, station: str, payload: Json) -> Reply:
        """Have the station fetch and install firmware; Accepted means that it has taken the order."""
        state = self._northbound.station(station)
        if Capability.FIRMWARE_UPDATE not in state.capabilities:
            return refused("UnsupportedRequest", "the station takes no firmware")
        firmware: Json = payload["firmware"]
        if firmware.get("signingCertificate"):
            problem = await self._problem(station, firmware["signingCertificate"])
            if problem:
                return self._invalid(station, problem)
        refusal = _refusal(state, payload)
        if refusal is not None:
            return refusal
        retrieve, install = moment(firmware["retrieveDateTime"]), moment(firmware.get("installDateTime"))
        signature = firmware.get("signature", "")
        order = UpdateFirmware(
            station=station,
            request_id=payload["requestId"],
            location=firmware["location"],
            at=retrieve if signature else max(retrieve, install or retrieve),
            install_at=install,
            certificate=firmware.get("signingCertificate", ""),
            signature=signature,
            retries=payload.get("retries"),
            retry_interval=payload.get("retryInterval"),
        )
        outcome = await self._northbound.execute(order)
        if not outcome.accepted and outcome.reason in _BAD_CERTIFICATE:
            return Reply(payload={"status": outcome.reason})
        if not outcome.accepted:
            return refused_by(outcome)
        # A 1.x station has one order at a time: what it was still to do is not reported on any more.
        status = "Accepted" if firmware_idle(state) else "AcceptedCanceled"
        return Reply(payload={"status": status}, then=partial(self._scheduled, order))

    async def _problem(self, station: str, certificate: str) -> str:
        """What is wrong with the certificate that firmware is signed with (L01.FR.21)."""
        documents = await self._northbound.vault.documents(station)
        roots = [text for name, text in documents.items() if name.startswith(MANUFACTURER_ROOT)]
        return await asyncio.to_thread(_certificate_problem, certificate, roots, self._northbound.now())

    def _invalid(self, station: str, problem: str) -> Reply:
        answer: Json = {"status": "InvalidCertificate", "statusInfo": status_info("InvalidCertificate", problem)}
        return Reply(payload=answer, then=partial(self._noticed, station, INVALID_CERTIFICATE, problem))  # L01.FR.02

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


def _certificate_problem(certificate: str, roots: list[str], at: datetime) -> str:
    from profiles.firmware.certificates import problem_of  # noqa: PLC0415 - loads cryptography, which not every box needs

    return problem_of(certificate, roots, at)


def _refusal(state: StationState, payload: Json) -> Reply | None:
    firmware: Json = payload["firmware"]
    given = bool(firmware.get("signingCertificate")), bool(firmware.get("signature"))
    if any(given) and Capability.SIGNED_FIRMWARE not in state.capabilities:
        return refused("UnsupportedParam", "the station cannot verify signed firmware")
    if any(given) and not all(given):
        return refused("MissingParam", "signed firmware has a signature and a certificate")
    if not is_file_location(firmware["location"]):
        return refused("InvalidURL")
    if firmware_busy(state):
        return refused("FwUpdateInProgress")  # L02.FR.18
    if state.firmware and not firmware_idle(state) and state.firmware.request_id == payload["requestId"]:
        return refused("DuplicateRequestId")
    return None
