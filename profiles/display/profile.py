"""Profile Display Message put together (OCPP 2.0.1 Part 2, O)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import CallRefused, Message, Profile, Reply
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from profiles.common.paging import parts, unhurried
from profiles.common.replies import ACCEPTED, refused
from profiles.common.tokens import TEXT_FORMATS
from profiles.common.variable_specs import fixed, place, writable
from profiles.common.wire import flag
from profiles.display.book import Book
from profiles.display.message import DisplayMessage, Priority
from profiles.display.showing import showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.device import VariableSpec
    from gateway.model.notices import Notice
    from gateway.model.station import StationState
    from profiles.display.book import Messages

CONTROLLER = "DisplayMessageCtrlr"
COUNT = VariableRef(component=CONTROLLER, variable="DisplayMessages")
DISPLAY = "Display"
"""The component that the box's page is; there is one for each station (O01.FR.21)."""

CAPACITY = 100
"""Messages per station."""

TEXT_LENGTH = 512
"""Characters of a message, by the schema."""

LONGEST_WAIT = 60.0
"""Seconds; the box's clock may be set while somebody waits for a time of day."""

_UNKNOWN = Reply(payload={"status": "Unknown"})


class DisplayProfile(Profile):
    """SetDisplayMessage, GetDisplayMessages, ClearDisplayMessage, and when which message is shown."""

    name: ClassVar[str] = "display"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._book = Book(northbound.shelf(self.name))
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "SetDisplayMessage": self.set_display_message,
            "GetDisplayMessages": self.get_display_messages,
            "ClearDisplayMessage": self.clear_display_message,
        }

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        if not self._northbound.installation(state.id).display:
            yield fixed(CONTROLLER, "Available", "false")
            return
        yield fixed(CONTROLLER, "Available", "true")
        yield writable(CONTROLLER, "Enabled", "true")
        yield replace(place(CONTROLLER, "DisplayMessages", "0", maximum=CAPACITY), persistent=True)
        yield fixed(CONTROLLER, "PersonalMessageSize", str(TEXT_LENGTH))
        yield fixed(CONTROLLER, "SupportedFormats", ",".join(TEXT_FORMATS))
        yield fixed(CONTROLLER, "SupportedPriorities", ",".join(Priority))
        yield place(DISPLAY, "Available", "true")

    @override
    async def run(self) -> None:
        """Remove messages whose time is over, those too whose time came while the box was off."""
        while True:
            self._news.clear()
            wait = min([LONGEST_WAIT, *[await self._tidy(station) for station in self._northbound.stations()]])
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._news.wait()

    async def _tidy(self, station: str) -> float:
        """Remove what is over, and say how many seconds nothing else will be."""
        async with self._lock:
            messages = await self._book.read(station)
            alive = self._alive(station, messages)
            await self._change(station, {id_: None for id_ in messages if id_ not in alive})
        now = self._northbound.now()
        return min(((m.end - now).total_seconds() for m in alive.values() if m.end is not None), default=LONGEST_WAIT)

    @override
    def on_commit(self, station: str) -> None:
        known = self._book.known(station)
        if len(self._alive(station, known)) < len(known):
            self._news.set()

    @override
    def notices(self, station: str) -> Iterable[Notice]:
        if not flag(self._northbound.device(station), CONTROLLER, "Enabled"):
            return ()
        return showing(self._book.known(station).values(), self._northbound.station(station), self._northbound.now())

    async def set_display_message(self, station: str, payload: Json) -> Reply:
        """Take a message, or another one in the place of one with its id (O01, O02, O06)."""
        self._demand_display(station, "SetDisplayMessage")
        message = DisplayMessage.of(payload["message"])
        async with self._lock:
            held = self._alive(station, await self._book.read(station))
            refusal = self._refusal(station, message)
            if refusal is not None:
                return refusal
            changes: dict[int, DisplayMessage | None] = {message.id: message}
            if message.priority is Priority.ALWAYS_FRONT:  # the newer one takes the place of the older (O01.FR.16)
                changes |= {m.id: None for m in held.values() if m.priority is message.priority and m.id != message.id}
            if len(held.keys() - changes.keys()) + 1 > CAPACITY:
                return refused("OutOfStorage", f"room for {CAPACITY} messages")  # O01.FR.11
            try:
                await self._change(station, changes)
            except GatewayError as error:
                return refused("InternalError", error.code)
        self._news.set()  # it may be the next to end
        return ACCEPTED

    def _refusal(self, station: str, message: DisplayMessage) -> Reply | None:
        """What is wrong with a message, if anything is."""
        if not flag(self._northbound.device(station), CONTROLLER, "Enabled"):
            return refused("NotEnabled")
        if message.wire["message"]["format"] not in TEXT_FORMATS:
            return refused("UnsupportedParam", "format", status="NotSupportedMessageFormat")  # O01.FR.03
        display = message.wire.get("display")
        if display is not None and (display["name"].casefold() != DISPLAY.casefold() or display.keys() & _PARTS):
            return refused("NotFound", "display")  # O01.FR.22
        if message.id < 0:
            return refused("ValueTooLow", "id")
        if (
            message.transaction is not None
            and self._northbound.station(station).transaction(message.transaction) is None
        ):
            return refused("TxNotFound", status="UnknownTransaction")  # O02.FR.01
        now = self._northbound.now()
        if message.end is not None and message.end <= max(now, message.start or now):
            return refused("InvalidValue", "endDateTime: it would never be shown")
        return None

    async def get_display_messages(self, station: str, payload: Json) -> Reply:
        """Tell of messages, all or some; they follow the answer (O03, O04)."""
        self._demand_display(station, "GetDisplayMessages")
        held = self._alive(station, await self._book.read(station))
        found = [message.wire for message in held.values() if _is_asked_for(message, payload)]
        if not found:
            return _UNKNOWN
        return Reply(payload=ACCEPTED.payload, then=partial(self._send, station, payload["requestId"], found))

    async def _send(self, station: str, request_id: int, found: list[Json]) -> None:
        pages = parts(await unhurried(found))
        payloads: list[Json] = [
            {"requestId": request_id, "messageInfo": page, "tbc": number < len(pages)}
            for number, page in enumerate(pages, 1)
        ]
        messages = [Message(action="NotifyDisplayMessages", payload=each, requested=True) for each in payloads]
        await self._backend.post(station, *messages)

    async def clear_display_message(self, station: str, payload: Json) -> Reply:
        """Remove a message (O05)."""
        self._demand_display(station, "ClearDisplayMessage")
        async with self._lock:
            if payload["id"] not in self._alive(station, await self._book.read(station)):
                return _UNKNOWN
            await self._change(station, {payload["id"]: None})
        return ACCEPTED

    def _demand_display(self, station: str, action: str) -> None:
        if not self._northbound.installation(station).display:
            raise CallRefused("NotSupported", action=action)

    def _alive(self, station: str, messages: Messages) -> Messages:
        state, now = self._northbound.station(station), self._northbound.now()
        return {id_: message for id_, message in messages.items() if not message.is_over(state, now)}

    async def _change(self, station: str, changes: Mapping[int, DisplayMessage | None]) -> None:
        """Set and remove messages, and note how many there are then."""
        if changes:
            await self._book.change(station, changes)
        # The messages are what they are, whether or not their number can be noted: that is made good later.
        with contextlib.suppress(GatewayError):
            await self._count(station)

    async def _count(self, station: str) -> None:
        device, count = self._northbound.device(station), str(len(self._book.known(station)))
        if device.spec(COUNT) is not None and device.value(COUNT) != count:
            await self._northbound.note_variable(station, COUNT, count)


_PARTS = {"instance", "evse"}
"""What would name another display than that of the station."""


def _is_asked_for(message: DisplayMessage, query: Json) -> bool:
    if "id" in query and message.id not in query["id"]:
        return False
    if "priority" in query and message.priority != query["priority"]:
        return False
    return "state" not in query or message.condition == query["state"]
