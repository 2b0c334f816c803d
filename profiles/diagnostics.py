"""Profile Diagnostics: the station's own log (OCPP 2.0.1 Part 2, N01)."""

from __future__ import annotations

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
from profiles.common.replies import refused, refused_by
from profiles.common.wire import is_file_location, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.station import LogJob, StationState

logger = logging.getLogger(__name__)

NOTHING = "NotFound"
"""The reason of a station that has no diagnostics to give."""

FILENAME_LENGTH = 255


class DiagnosticsProfile(Profile):
    """GetLog, and the station's word on the upload.

    ``untold``: uploads that have started, and the backend has not been told so.
    """

    name: ClassVar[str] = "diagnostics"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._untold: set[tuple[str, int]] = set()

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"GetLog": self.get_log}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return ()

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if not isinstance(change, LogProgressed):
            return ()
        if change.request_id is None:
            # A report needs the requestId of the order (N01.FR.13), and here there was none.
            logger.info("%s: diagnostics that the backend did not ask for: %s", state.id, change.status)
            return ()
        told = [_notification(change.status.value, change.request_id)]
        if self._first(state.id, change.request_id):
            told.insert(0, _notification(LogStatus.UPLOADING.value, change.request_id))
        return told

    def _first(self, station: str, request_id: int) -> bool:
        """True once for each upload: now its start is told (N01.FR.08)."""
        untold = (station, request_id) in self._untold
        self._untold.discard((station, request_id))
        return untold

    async def get_log(self, station: str, payload: Json) -> Reply:
        """Have the station upload its diagnostics (N01.FR.01, N01.FR.04)."""
        state = self._northbound.station(station)
        if payload["logType"] != "DiagnosticsLog":
            return refused("UnsupportedParam", "the station keeps no security log")
        if Capability.DIAGNOSTICS not in state.capabilities:
            return refused("UnsupportedRequest", "the station has no diagnostics")
        log: Json = payload["log"]
        if not is_file_location(log["remoteLocation"]):
            return refused("InvalidURL")
        order = UploadLog(
            station=station,
            request_id=payload["requestId"],
            location=log["remoteLocation"],
            start=moment(log.get("oldestTimestamp")),
            stop=moment(log.get("latestTimestamp")),
            retries=payload.get("retries"),
            retry_interval=payload.get("retryInterval"),
        )
        # The station may report before it answers.
        self._untold.add((station, order.request_id))
        outcome = await self._northbound.execute(order)
        if not outcome.accepted:
            self._untold.discard((station, order.request_id))
            return refused(NOTHING) if outcome.reason == NOTHING else refused_by(outcome)
        former = state.log if state.log is not None and not log_idle(state) else None
        answer: Json = {
            "status": "AcceptedCanceled" if former else "Accepted",
            "filename": (outcome.data or "")[:FILENAME_LENGTH],
        }
        return Reply(payload=answer, then=partial(self._started, order, former))

    async def _started(self, order: UploadLog, former: LogJob | None) -> None:
        messages = []
        if former is not None and former.request_id != order.request_id:
            messages.append(_notification("AcceptedCanceled", former.request_id))  # N01.FR.20
        if self._first(order.station, order.request_id):
            messages.append(_notification(LogStatus.UPLOADING.value, order.request_id))
        if messages:
            await self._backend.post(order.station, *messages)


def _notification(status: str, request_id: int) -> Message:
    """LogStatusNotificationRequest (Part 2, 1.31.1)."""
    return Message(action="LogStatusNotification", payload={"status": status, "requestId": request_id})
