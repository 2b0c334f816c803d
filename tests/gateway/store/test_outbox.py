"""Messages on their way: kept in order whatever the window, whatever comes at the same time, over restarts."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from typing_extensions import override

from gateway.contracts import Message
from gateway.model.errors import GatewayError
from gateway.store import outbox as outbox_module
from gateway.store import thinning
from gateway.store.storage import Storage, open_storage
from tests.fakes.clock import START, SettableClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from gateway.link.ports import Queued

STATIONS = ("CP-1", "CP-2")
SMALL = 4


def event(stream: str = "tx-1", n: int = 0) -> Message:
    return Message(action="TransactionEvent", payload={"seqNo": n, "offline": False}, stream=stream)


def status(value: str, key: str = "status/1/1") -> Message:
    return Message(action="StatusNotification", payload={"connectorStatus": value}, supersedes=key)


async def post(storage: Storage, station: str, messages: Sequence[Message], *, coalesce: bool = False) -> list[int]:
    """Post as the hub does, and say the ids."""
    prepared = storage.outbox.prepare(station, messages, at=START.timestamp(), coalesce=coalesce)
    await storage.writer.commit(prepared.statements)
    storage.outbox.posted(prepared)
    return [entry.id for entry in prepared.entries]


async def head(storage: Storage, station: str, skip: frozenset[str] = frozenset()) -> Queued | None:
    """The next message as the sender finds it."""
    while True:
        queued = storage.outbox.head(station, skip=skip, requested_only=False)
        if queued is not None or not storage.outbox.more(station):
            return queued
        await storage.outbox.refill(station)


async def drain(storage: Storage, station: str) -> list[Queued]:
    found = []
    while (queued := await head(storage, station)) is not None:
        found.append(queued)
        storage.outbox.acknowledge(queued)
    return found


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(tmp_path / "box.sqlite", STATIONS, SettableClock().now) as opened:
        yield opened


@dataclass
class Row:
    """A message as the model has it."""

    id: int
    message: Message
    attempts: int = 0


@dataclass
class Model:
    """The outbox of one station as a plain list."""

    rows: list[Row] = field(default_factory=list)

    def supersede(self, messages: Sequence[Message]) -> None:
        keys = {message.supersedes for message in messages if message.supersedes}
        self.rows = [row for row in self.rows if row.message.supersedes not in keys]

    def offline(self) -> None:
        for row in self.rows:
            if row.message.action == "TransactionEvent":
                row.message = replace(row.message, payload={**row.message.payload, "offline": True})


MESSAGES = st.lists(
    st.one_of(
        st.builds(event, st.sampled_from(["tx-1", "tx-2"]), st.integers(0, 99)),
        st.builds(status, st.sampled_from(["Available", "Occupied"]), st.sampled_from(["status/1/1", "status/2/1"])),
    ),
    max_size=7,
)
STATION = st.sampled_from(STATIONS)


class AnyTraffic(RuleBasedStateMachine):
    """Posts, sends, failures, refills and restarts in any order, against a list."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(outbox_module, "WINDOW", SMALL)
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.models = {station: Model() for station in STATIONS}
        self.highest = 0

    def run(self, work: Coroutine[object, object, object]) -> None:
        self.runner.run(work)

    @initialize()
    def start(self) -> None:
        self.run(self.open())

    async def open(self) -> None:
        path = Path(self.folder.name) / "box.sqlite"
        self.storage = await self.stack.enter_async_context(open_storage(path, STATIONS, SettableClock().now))

    @override
    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()
        self.patch.undo()

    def note(self, station: str, messages: Sequence[Message], ids: list[int], *, coalesce: bool) -> None:
        model = self.models[station]
        if coalesce:
            model.supersede(messages)
            last = {message.supersedes: i for i, message in enumerate(messages) if message.supersedes}
            messages = [m for i, m in enumerate(messages) if last.get(m.supersedes, i) == i]
        assert len(ids) == len(messages)
        assert ids == sorted(ids)
        assert not ids or ids[0] > self.highest, "an id is never given out twice"
        self.highest = max(ids, default=self.highest)
        model.rows += [Row(id=id_, message=message) for id_, message in zip(ids, messages, strict=True)]

    @rule(station=STATION, messages=MESSAGES, coalesce=st.booleans())
    def post(self, station: str, messages: list[Message], coalesce: bool) -> None:  # noqa: FBT001 drawn by name
        async def work() -> None:
            self.note(
                station, messages, await post(self.storage, station, messages, coalesce=coalesce), coalesce=coalesce
            )

        self.run(work())

    @rule(station=STATION, messages=MESSAGES)
    def post_while_refilling(self, station: str, messages: list[Message]) -> None:
        async def work() -> None:
            outbox = self.storage.outbox
            refill = outbox.refill(station) if outbox.more(station) else asyncio.sleep(0)
            ids, _ = await asyncio.gather(post(self.storage, station, messages), refill)
            self.note(station, messages, ids, coalesce=False)

        self.run(work())

    @rule(station=STATION, times=st.integers(1, 6))
    def deliver(self, station: str, times: int) -> None:
        async def work() -> None:
            for _ in range(times):
                queued = await head(self.storage, station)
                rows = self.models[station].rows
                assert (queued is None) is not bool(rows)
                if queued is None:
                    return
                row = rows.pop(0)
                assert (queued.id, queued.message, queued.attempts) == (row.id, row.message, row.attempts)
                self.storage.outbox.acknowledge(queued)

        self.run(work())

    @rule(station=STATION)
    def fail(self, station: str) -> None:
        async def work() -> None:
            queued = await head(self.storage, station)
            if queued is not None:
                self.storage.outbox.failed(queued)
                self.models[station].rows[0].attempts += 1

        self.run(work())

    @rule(station=STATION, held=st.sampled_from(["tx-1", "tx-2"]))
    def look_past_a_stream(self, station: str, held: str) -> None:
        async def work() -> None:
            queued = await head(self.storage, station, frozenset({held}))
            rows = self.models[station].rows
            expected = next((row for row in rows if row.message.stream != held), None)
            if queued is None:
                assert expected is None or all(row.message.stream == held for row in rows[:SMALL])
            else:
                assert expected is not None
                assert queued.id == expected.id

        self.run(work())

    @rule(station=STATION)
    def go_offline(self, station: str) -> None:
        self.run(self.storage.outbox.mark_offline(station))
        self.models[station].offline()

    @rule()
    def restart(self) -> None:
        async def work() -> None:
            await self.stack.aclose()
            await self.open()

        self.run(work())
        for model in self.models.values():
            model.offline()

    @invariant()
    def shown_to_the_technician(self) -> None:
        if not hasattr(self, "storage"):
            return
        for station, model in self.models.items():
            assert (self.storage.outbox.oldest(station) is None) or model.rows

    @rule(station=STATION)
    def the_length_is_right_once_all_is_in_memory(self, station: str) -> None:
        rows = self.models[station].rows
        if len(rows) < SMALL:
            self.run(head(self.storage, station, frozenset({"tx-1", "tx-2"})))
            if not self.storage.outbox.more(station):
                assert self.storage.outbox.length(station) == len(rows)


AnyTraffic.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestAnyTraffic = AnyTraffic.TestCase


async def test_a_backlog_longer_than_memory_comes_in_order(storage: Storage) -> None:
    count = 3 * outbox_module.WINDOW + 5
    for n in range(count):
        await post(storage, "CP-1", [event(n=n)])
    assert storage.outbox.length("CP-1") == count
    assert [queued.message.payload["seqNo"] for queued in await drain(storage, "CP-1")] == list(range(count))
    assert storage.outbox.length("CP-1") == 0


async def test_requested_messages_go_first_while_only_they_may(storage: Storage) -> None:
    await post(storage, "CP-1", [event(), replace(status("Available"), requested=True)])
    found = storage.outbox.head("CP-1", skip=frozenset(), requested_only=True)
    assert found is not None
    assert found.message.action == "StatusNotification"


async def test_one_that_is_replaced_under_way_stays_gone(storage: Storage) -> None:
    await post(storage, "CP-1", [status("Available")])
    under_way = await head(storage, "CP-1")
    assert under_way is not None
    await post(storage, "CP-1", [status("Occupied")], coalesce=True)
    storage.outbox.failed(under_way)
    storage.outbox.acknowledge(under_way)
    assert [q.message.payload["connectorStatus"] for q in await drain(storage, "CP-1")] == ["Occupied"]
    assert storage.outbox.length("CP-1") == 0


async def test_the_sender_is_woken(storage: Storage) -> None:
    changed = storage.outbox.changed("CP-1")
    changed.clear()
    await post(storage, "CP-2", [event()])
    assert not changed.is_set()
    await post(storage, "CP-1", [event()])
    assert changed.is_set()


@pytest.mark.ocpp("E11.FR.07")
async def test_what_waits_over_an_outage_is_flagged(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    async with open_storage(path, STATIONS, SettableClock().now) as storage:
        await post(storage, "CP-1", [event(), status("Available")])
        await post(storage, "CP-2", [event()])
        await storage.outbox.mark_offline("CP-1")
        (first, second), (other,) = await drain(storage, "CP-1"), await drain(storage, "CP-2")
        assert first.message.payload == {"seqNo": 0, "offline": True}
        assert "offline" not in second.message.payload
        assert other.message.payload["offline"] is False


async def test_an_acknowledgement_is_durable_with_the_next_commit(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    async with open_storage(path, STATIONS, SettableClock().now) as storage:
        ids = await post(storage, "CP-1", [event(), event()])
        first = await head(storage, "CP-1")
        assert first is not None
        storage.outbox.acknowledge(first)
        await post(storage, "CP-2", [event()])
        assert await storage.writer.read([("SELECT id FROM outbox WHERE station = 'CP-1'", ())]) == [(ids[1],)]
        assert await storage.queries.queued("CP-1", "tx-1")
        assert not await storage.queries.queued("CP-1", "tx-2")
        assert await storage.queries.queued("CP-1", None)


async def test_ids_are_never_given_out_twice_even_when_all_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    async with open_storage(path, STATIONS, SettableClock().now) as storage:
        (first,) = await post(storage, "CP-1", [event()])
        await drain(storage, "CP-1")
    async with open_storage(path, STATIONS, SettableClock().now) as storage:
        (second,) = await post(storage, "CP-1", [event()])
    assert second > first


async def test_what_could_not_be_kept_is_not_sent(storage: Storage) -> None:
    await storage.writer.commit([("PRAGMA max_page_count=1", ())])
    with pytest.raises(GatewayError, match="storage-failed"):
        await post(storage, "CP-1", [replace(event(), payload={"x": "x" * 50_000})])
    assert await head(storage, "CP-1") is None


READINGS = {"MeterValuePeriodic", "MeterValueClock"}


def told(n: int, reason: str = "MeterValuePeriodic", kind: str = "Updated", stream: str = "tx-1") -> Message:
    payload = {"eventType": kind, "triggerReason": reason, "seqNo": n, "offline": True}
    return Message(action="TransactionEvent", payload=payload, stream=stream)


def reading(n: int) -> Message:
    return Message(action="MeterValues", payload={"evseId": 1, "n": n})


@pytest.mark.ocpp("E04.FR.07", "E04.FR.08", "E11.FR.04", "E11.FR.05", "E12.FR.04", "E12.FR.05")
async def test_every_other_reading_of_a_long_backlog_is_given_up_and_nothing_else(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "BACKLOG", 300)
    first = [told(0, "Authorized", "Started"), *(told(n) for n in range(1, 150)), told(150, "ChargingStateChanged")]
    more = [told(n, "MeterValueClock") for n in range(151, 399)]
    last = [told(399, "StopAuthorized", "Ended"), *(reading(n) for n in range(10)), status("Available")]
    await post(storage, "CP-1", [*first, *more, *last])
    await post(storage, "CP-2", [told(n) for n in range(9)])
    assert storage.outbox.length("CP-1") == 411
    await storage.outbox.thin()
    left = storage.outbox.length("CP-1")
    sent = [queued.message for queued in await drain(storage, "CP-1")]
    assert left == len(sent) < 411
    kept = [message for message in sent if message.payload.get("triggerReason") in READINGS]
    numbers = [message.payload["seqNo"] for message in kept]
    given_up = [message for message in [*first, *more, *last] if message not in sent]
    assert {m.payload.get("triggerReason", m.action) for m in given_up} == {"MeterValueClock", "MeterValues"}
    assert numbers[:200] == [n for n in range(1, 202) if n != 150], "those next to be sent are left alone"
    thinned = [n for n in numbers if n > 330]
    assert all(later - earlier == 2 for earlier, later in pairwise(thinned))
    assert [m.payload["n"] for m in sent if m.action == "MeterValues"] in ([0, 2, 4, 6, 8], [1, 3, 5, 7, 9])
    assert len(await drain(storage, "CP-2")) == 9, "a short one is left alone"


async def test_of_a_long_backlog_every_other_rate_is_given_up(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "BACKLOG", 300)
    monkeypatch.setattr(thinning, "SPARED", 0)
    await post(storage, "CP-1", [told(n, "ChargingRateChanged") for n in range(400)])
    await storage.outbox.thin()
    assert storage.outbox.length("CP-1") < 300


async def test_a_thinned_backlog_grows_on(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "BACKLOG", 300)
    monkeypatch.setattr(thinning, "SPARED", 0)
    await post(storage, "CP-1", [told(n) for n in range(301)])
    await storage.outbox.thin()
    await post(storage, "CP-1", [told(n) for n in range(301, 310)])
    numbers = [queued.message.payload["seqNo"] for queued in await drain(storage, "CP-1")]
    assert numbers[-10:] == [299, *range(301, 310)]
    assert storage.outbox.length("CP-1") == 0
