"""The writing thread: one flush for many callers, and what happens when the disk fails."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from gateway.store import database, writer
from gateway.store.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

INSERT = "INSERT INTO meta (name, value) VALUES (?, ?)"
COUNT = ("SELECT count(*) FROM meta", ())
FULL = ("PRAGMA max_page_count=1", ())
ROOMY = ("PRAGMA max_page_count=100000", ())


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Writer]:
    store = Writer(path)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Writer]:
    async with opened(tmp_path / "box.sqlite") as store_:
        yield store_


def row(name: str, size: int = 1) -> tuple[str, tuple[str, str]]:
    return (INSERT, (name, "x" * size))


async def failing(store: Writer, name: str) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await store.commit([row(name, 50_000)])
    return caught.value


async def test_many_callers_share_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[str] = []

    def open_traced(path: Path) -> sqlite3.Connection:
        connection = database.open_database(path)
        connection.set_trace_callback(traced.append)
        return connection

    monkeypatch.setattr(writer, "open_database", open_traced)
    async with opened(tmp_path / "box.sqlite") as store:
        await asyncio.gather(*(store.commit([row(f"n{i}")]) for i in range(100)))
        assert await store.read([COUNT]) == [(100,)]
    assert traced.count("COMMIT") < 50, "who comes while a group is written goes with the next"


async def test_a_failing_statement_fails_only_its_caller(store: Writer) -> None:
    results = await asyncio.gather(
        *(store.commit([row("same"), row(f"n{i}")]) for i in range(3)),
        store.commit([row("other")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), GatewayError, GatewayError, type(None)]
    names = await store.read([("SELECT name FROM meta ORDER BY name", ())])
    assert names == [("n0",), ("other",), ("same",)], "nothing of a failed caller is kept"
    assert store.ok, "the storage itself has not failed"


@pytest.mark.parametrize("value", [10**30, "\ud800"])
async def test_a_value_that_sqlite_cannot_take_fails_only_its_caller(store: Writer, value: object) -> None:
    bad = store.read([("SELECT name FROM meta WHERE value = ?", (value,))])
    results = await asyncio.gather(bad, store.commit([row("good")]), return_exceptions=True)
    assert isinstance(results[0], GatewayError)
    assert await store.read([COUNT]) == [(1,)]
    assert store.ok


async def test_a_full_disk_is_told_once_and_so_is_its_end(store: Writer, caplog: pytest.LogCaptureFixture) -> None:
    await store.commit([row("before")])
    await store.commit([FULL])
    assert (await failing(store, "a")).code == "storage-failed"
    assert (await failing(store, "b")).code == "storage-failed"
    assert not store.ok
    await store.read([ROOMY])
    await store.commit([row("after", 50_000)])
    assert store.ok
    assert await store.read([("SELECT name FROM meta ORDER BY name", ())]) == [("after",), ("before",)]
    told = [(record.levelno, record.msg.split(":")[0]) for record in caplog.records if record.name == writer.__name__]
    assert told == [
        (logging.ERROR, "storage fails, stations are not answered"), (logging.WARNING, "storage works again"),
    ]  # fmt: skip


async def test_what_rides_along_is_done_once_the_disk_has_room(store: Writer) -> None:
    await store.commit([FULL])
    store.later([row("later", 50_000)])
    await failing(store, "a")
    await store.read([ROOMY])
    assert await store.read([("SELECT name FROM meta", ())]) == [("later",)]


async def test_what_nobody_waits_for_is_written_soon_and_at_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path / "box.sqlite") as store:
        store.later([row("later")])
    async with opened(tmp_path / "box.sqlite") as store:
        assert await store.read([COUNT]) == [(1,)]


async def test_what_somebody_waits_for_is_flushed_to_the_device(store: Writer) -> None:
    """A power cut cannot be made here; SQLite says whether it would flush."""
    flushes = {"FULL": 2, "NORMAL": 1}
    await store.commit([row("waited for")])
    store.later([row("not waited for")])
    assert await store.read([("PRAGMA synchronous", ())]) == [(flushes["FULL"],)]
    assert await store.read([COUNT]) == [(2,)]


async def test_a_caller_that_gives_up_does_no_harm(store: Writer) -> None:
    given_up = asyncio.create_task(store.commit([row("a")]))
    await asyncio.sleep(0)
    given_up.cancel()
    await store.commit([row("b")])
    assert given_up.cancelled()
    assert await store.read([COUNT]) == [(2,)]


async def test_closed_it_refuses_instead_of_hanging(tmp_path: Path) -> None:
    store = Writer(tmp_path / "box.sqlite")
    with pytest.raises(GatewayError, match="storage-failed"):
        await store.commit([])
    await store.close()
    await store.open()
    await store.close()
    async with asyncio.timeout(5):
        with pytest.raises(GatewayError, match="storage-failed"):
            await store.commit([row("a")])
