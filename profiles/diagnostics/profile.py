"""Profile Diagnostics: logs of the station and of the box (OCPP 2.0.1 Part 2, N01).

A station that has diagnostics uploads them itself. The box uploads what it has itself: the security log, and what it has
seen of a station that has no diagnostics.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile, Reply
from gateway.model.changes import LogProgressed
from gateway.model.commands import UploadLog
from gateway.model.events import LogStatus
from gateway.model.rules.stations import log_idle
from gateway.model.station import Capability
from profiles.common.replies import ACCEPTED, refused, refused_by
from profiles.common.transfers.locations import PROTOCOLS
from profiles.common.variable_specs import fixed
from profiles.common.wire import is_file_location
from profiles.diagnostics.orders import order_in
from profiles.diagnostics.own import OwnLogs
from profiles.diagnostics.uploads import notification

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState
    from profiles.diagnostics.orders import LogOrder

logger = logging.getLogger(__name__)

NOTHING = "NotFound"
"""The reason of a station that has no diagnostics to give."""

FILENAME_LENGTH = 255


class DiagnosticsProfile(Profile):
    """GetLog, and the word of the station and the box on the upload.

    ``untold``: uploads by stations that have started, and the backend has not been told so. ``given_up``: an upload by
    a station that an upload of the box has taken the place of; the station goes on with it, and nothing of it is told.
    """

    name: ClassVar[str] = "diagnostics"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._own = OwnLogs(northbound, backend)
        self._untold: set[tuple[str, int]] = set()
        self._given_up: set[tuple[str, int]] = set()

    @override
    async def run(self) -> None:
        with self._own.journal.listening():
            for station in self._northbound.stations():
                self._given_up |= {(station, each) for each in await self._own.recover(station)}
            await asyncio.Event().wait()

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"GetLog": self.get_log}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        yield fixed("OCPPCommCtrlr", "FileTransferProtocols", ",".join(PROTOCOLS))

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if not isinstance(change, LogProgressed) or (state.id, change.request_id) in self._given_up:
            return ()
        if change.request_id is None:
            # A report needs the requestId of the order (N01.FR.13), and here there was none.
            logger.info("%s: diagnostics that the backend did not ask for: %s", state.id, change.status)
            return ()
        told = [notification(change.status, change.request_id)]
        if self._first(state.id, change.request_id):
            told.insert(0, notification(LogStatus.UPLOADING, change.request_id))
        return told

    @override
    async def triggered(self, station: str, message: str, evse: int) -> Reply | None:
        """Tell of the upload under way, whoever does it (F06.FR.15)."""
        if message != "LogStatusNotification":
            return None
        request_id = self._uploading(station)
        told: Json = {"status": "Idle"}
        if request_id is not None:
            told = {"status": LogStatus.UPLOADING.value, "requestId": request_id}
        asked_for = Message(action="LogStatusNotification", payload=told, requested=True)
        return Reply(payload=ACCEPTED.payload, then=lambda: self._backend.post(station, asked_for))

    async def get_log(self, station: str, payload: Json) -> Reply:
        """Have the station or the box upload a log."""
        order = order_in(payload)
        if not is_file_location(order.location):
            return refused("InvalidURL")
        if not order.security and Capability.DIAGNOSTICS in self._northbound.station(station).capabilities:
            return await self._by_station(station, order)
        former = self._by_station_now(station)
        reply = await self._own.get_log(station, order, former)
        if former is not None and reply.then is not None:
            self._given_up.add((station, former))
            self._untold.discard((station, former))
            await self._own.uploads.give_up(station, former)
        return reply

    def _uploading(self, station: str) -> int | None:
        own = self._own.uploads.current(station)
        return self._by_station_now(station) if own is None else own

    def _by_station_now(self, station: str) -> int | None:
        """The requestId of the station's own upload, as far as it still counts."""
        state = self._northbound.station(station)
        if state.log is None or log_idle(state) or (station, state.log.request_id) in self._given_up:
            return None
        return state.log.request_id

    def _first(self, station: str, request_id: int) -> bool:
        """True once for each upload: now its start is told (N01.FR.08)."""
        untold = (station, request_id) in self._untold
        self._untold.discard((station, request_id))
        return untold

    async def _by_station(self, station: str, order: LogOrder) -> Reply:
        """Have the station upload its diagnostics (N01.FR.01, N01.FR.04)."""
        former = self._by_station_now(station)
        # The station may report before it answers.
        self._untold.add((station, order.request_id))
        outcome = await self._northbound.execute(
            UploadLog(
                station=station,
                request_id=order.request_id,
                location=order.location,
                start=order.start,
                stop=order.stop,
                retries=order.retries,
                retry_interval=order.retry_interval,
            )
        )
        if not outcome.accepted:
            self._untold.discard((station, order.request_id))
            return refused(NOTHING) if outcome.reason == NOTHING else refused_by(outcome)
        self._given_up = {each for each in self._given_up if each[0] != station}
        await self._own.uploads.give_up(station, None)
        ended = [each for each in (former, self._own.uploads.reserve(station)) if each is not None]
        answer: Json = {
            "status": "AcceptedCanceled" if ended else "Accepted",
            "filename": (outcome.data or "")[:FILENAME_LENGTH],
        }
        return Reply(payload=answer, then=partial(self._started, station, order.request_id, ended))

    async def _started(self, station: str, request_id: int, ended: list[int]) -> None:
        await self._own.tell_ended(station, *(each for each in ended if each != request_id))  # N01.FR.20
        if self._first(station, request_id):
            await self._backend.post(station, notification(LogStatus.UPLOADING, request_id))
