"""Where cases of displays and prices are played: a station, its CSMS, and what a driver reads on the box's page."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import ClientSession

from tests.e2e.certification.stage import CARD
from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Payload, Record
    from gateway.bench.family.station import FamilyStation
    from gateway.bench.ocpp_s.station import SimulatedStation
    from tests.e2e.pair import Pair, Side

_MESSAGE = re.compile(r'<p class="message( front)?"[^>]*>(.*?)</p>', re.DOTALL)
_PRICE = re.compile(r'<p class="(tariff|cost|total)"[^>]*><b>.*?</b> <span[^>]*>(.*?)</span></p>', re.DOTALL)


def text(wanted: str) -> Payload:
    """A MessageContentType."""
    return {"format": "UTF8", "language": "en", "content": wanted}


def message(number: int, priority: str = "NormalCycle", **fields: Any) -> Payload:
    """A MessageInfoType; its text tells its number unless ``content`` is given."""
    content = fields.pop("content", f"Message {number}")
    return {"id": number, "priority": priority, "message": text(content), **fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a driver reads: messages from the top, those in front, and prices by what they are."""

    messages: tuple[str, ...]
    front: tuple[str, ...]
    prices: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Panel:
    """One station and its CSMS.

    Attributes:
        page: A reader's connection to the box.
        words: What the CSMS adds to its answers: to ``Authorize``, or to TransactionEvents by their eventType.
        transaction: The one that runs, if one does.
    """

    both: Pair
    side: Side
    page: ClientSession
    words: dict[str, Payload] = field(default_factory=dict)
    transaction: str = ""
    _ids: set[int] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    @property
    def by_card(self) -> bool:
        """Whether drivers hold a card to the station; else they start and stop by their backend."""
        return self.side.kind == "ocpp15"

    # -- what the CSMS does ---------------------------------------------------------------------------------------

    async def show(self, wanted: Payload) -> str:
        """SetDisplayMessage; the status."""
        self._ids.add(wanted["id"])
        return str((await self.side.call("SetDisplayMessage", message=wanted))["status"])

    async def clear(self, number: int) -> str:
        """ClearDisplayMessage; the status."""
        return str((await self.side.call("ClearDisplayMessage", id=number))["status"])

    async def held(self, **query: Any) -> list[Payload]:
        """GetDisplayMessages: the messages of every page that follows; nothing for ``Unknown``."""
        number, since = next(self._numbers), self.both.world.news
        answer = await self.side.call("GetDisplayMessages", requestId=number, **query)
        if answer["status"] == "Unknown":
            return []
        assert answer["status"] == "Accepted"
        pages = await self.side.report("NotifyDisplayMessages", since, requestId=number)
        return [each for page in pages for each in page["messageInfo"]]

    def answer(self, record: Record) -> Answer:
        """The usual answer, and the words that are added."""
        if record.action == "Authorize":
            return {"idTokenInfo": {"status": "Accepted", **self.words.get("Authorize", {})}}
        told = {"idTokenInfo": {"status": "Accepted"}} if "idToken" in record.payload else {}
        return {**told, **self.words.get(record.payload["eventType"], {})}

    # -- what the driver does -------------------------------------------------------------------------------------

    async def plug(self, *, into: bool = True) -> None:
        """States EVConnectedPreSession and EVDisconnected."""
        since, sim = self.both.world.news, self._sim
        await (sim.plug_in(1) if into else sim.plug_out(1))
        await self.side.heard("StatusNotification", since, connectorStatus="Occupied" if into else "Available")

    async def charge(self) -> str:
        """State EnergyTransferStarted; the transaction."""
        since = self.both.world.news
        if not self._plugged:
            await self.plug()
        if self.by_card:
            await self.both.world.station.sim.present_token(1, TOKEN)
        else:
            asked = {"idToken": CARD, "remoteStartId": next(self._numbers), "evseId": 1}
            assert (await self.side.call("RequestStartTransaction", **asked))["status"] == "Accepted"
        started = await self.side.heard("TransactionEvent", since, eventType="Started")
        self.transaction = str(started["transactionInfo"]["transactionId"])
        await self.side.until(lambda: "Charging" in self._states(since))
        return self.transaction

    def _states(self, since: int) -> set[str]:
        events = self.side.received("TransactionEvent", since)
        return {event["transactionInfo"].get("chargingState", "") for event in events}

    async def stop(self) -> None:
        """State StopAuthorized."""
        since = self.both.world.news
        if self.by_card:
            await self.both.world.station.sim.present_token(1, TOKEN)
        else:
            await self.side.call("RequestStopTransaction", transactionId=self.transaction)
        await self.side.heard("TransactionEvent", since, eventType="Ended")
        self.transaction = ""

    async def leave(self) -> None:
        """States StopAuthorized to EVDisconnected."""
        await self.stop()
        await self.plug(into=False)

    async def reads(self, wanted: Callable[[Seen], bool]) -> Seen:
        """What is on the page, once it is as wanted."""
        while True:
            seen = await self.sees()
            if wanted(seen):
                return seen
            await asyncio.sleep(0.02)  # a reader's reload: the page itself tells of changes once a second only

    async def reads_messages(self, *wanted: str) -> None:
        """Wait until these messages are on the page, in any order, and no others."""
        await self.reads(lambda seen: sorted(seen.messages) == sorted(wanted))

    async def reads_price(self, kind: str, wanted: str) -> None:
        """Wait until a price is on the page."""
        await self.reads(lambda seen: seen.prices.get(kind) == wanted)

    async def sees(self) -> Seen:
        """What is on the page now."""
        address = f"{self.both.page}/station/{quote(self.side.identity, safe='')}?lang=en"
        async with self.page.get(address) as response:
            body = await response.text()
        messages = [(front, unescape(each)) for front, each in _MESSAGE.findall(body)]
        return Seen(
            messages=tuple(each for _, each in messages),
            front=tuple(each for front, each in messages if front),
            prices={kind: unescape(each) for kind, each in _PRICE.findall(body)},
        )

    # -- the end --------------------------------------------------------------------------------------------------

    async def restart(self) -> None:
        """State Booted."""
        since = self.both.world.news
        assert (await self.side.call("Reset", type="Immediate"))["status"] == "Accepted"
        await self.side.heard("BootNotification", since)
        await self.side.heard("StatusNotification", since, connectorStatus="Available")

    async def tidy(self) -> None:
        """No transaction, no vehicle, no message, no words."""
        self.words.clear()
        if self.transaction:
            await self.stop()
        if self._plugged:
            await self.plug(into=False)
        while self._ids:
            await self.clear(self._ids.pop())

    @property
    def _sim(self) -> SimulatedStation | FamilyStation:
        return self.both.world.station.sim if self.by_card else self.both.stand.sim

    @property
    def _plugged(self) -> bool:
        if self.by_card:
            return self.both.world.station.sim.connector(1).evse.car is not None
        return bool(self.both.stand.outlet.summary()["plugged"])


@asynccontextmanager
async def panels(both: Pair) -> AsyncIterator[tuple[Panel, Panel]]:
    """A panel for each station; prices are in EUR, and readings come every second."""
    async with ClientSession() as page:
        made = tuple(Panel(both=both, side=side, page=page) for side in both.sides)
        for panel in made:
            for action in ("Authorize", "TransactionEvent"):
                both.world.csms.override(action, panel.answer, station=panel.side.identity)
            assert await panel.side.set({"name": "TariffCostCtrlr"}, "Currency", "EUR") == "Accepted"
        one, other = made
        assert await other.side.set({"name": "SampledDataCtrlr"}, "TxUpdatedInterval", "1") == "Accepted"
        yield one, other
