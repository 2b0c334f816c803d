"""The database as a whole: made, brought up to date, refused; and its rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import GatewayError
from gateway.model.events import StationVariable
from gateway.model.station import StationState
from gateway.model.tokens import AdditionalInfo, Authorization, AuthorizationStatus, CachePolicy, Token, TokenType
from gateway.model.transactions import STOPPED_BY_BACKEND, Transaction
from gateway.store import records, repository
from gateway.store.cache import KEY_FILE, CacheRows
from gateway.store.storage import REPEATS_RECOGNISED, Storage, open_storage
from gateway.store.tokens import CACHE_LIMIT
from tests.fakes.clock import START, SettableClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ID = "CP-1"
ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
RUNNING = Transaction(
    id="tx-1",
    number=20_000_000,
    evse=1,
    connector=1,
    started_at=START,
    last_at=START,
    token=Token(value="A1"),
    key="k1",
)
ENDED = replace(RUNNING, ended_at=START, end_key="e1", meter_last=5.0, stop_cause=STOPPED_BY_BACKEND)
MIGRATIONS = sorted(path.name for path in files("gateway.store").joinpath("migrations").iterdir())


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(tmp_path / "box.sqlite", [ID], SettableClock().now) as opened:
        yield opened


# What adapters report: times in UTC, numbers that are numbers.
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@given(st.from_type(StationState).filter(lambda state: state.id))
def test_a_state_comes_back_as_it_was(state: StationState) -> None:
    text = records.state_to_json(state)
    assert records.state_from_json(text) == replace(state, transactions=())


@given(st.from_type(Transaction))
def test_a_transaction_comes_back_as_it_was(transaction: Transaction) -> None:
    assert records.transaction_from_json(records.transaction_to_json(transaction)) == transaction


@given(st.from_type(Token), st.from_type(Authorization))
def test_a_token_comes_back_as_it_was(token: Token, authorization: Authorization) -> None:
    assert records.token_from_json(records.token_to_json(token, authorization)) == (token, authorization)


async def test_a_database_of_a_later_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=999")
    with pytest.raises(GatewayError, match="storage-newer") as caught:
        async with open_storage(path, [ID], SettableClock().now):
            pass
    assert caught.value.params["known"] == len(MIGRATIONS)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    for broken in (path, tmp_path / "nowhere" / "box.sqlite"):
        with pytest.raises(GatewayError, match="storage-unusable"):
            async with open_storage(broken, [ID], SettableClock().now):
                pass


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
async def test_an_earlier_version_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    path = tmp_path / "box.sqlite"
    folder = files("gateway.store").joinpath("migrations")
    with closing(sqlite3.connect(path)) as connection:
        for name in MIGRATIONS[:version]:
            connection.executescript(folder.joinpath(name).read_text())
        connection.execute(f"PRAGMA user_version={version}")
        connection.execute(
            "INSERT INTO tx (id, station, number, key, record) VALUES (?, ?, ?, ?, ?)",
            (RUNNING.id, ID, RUNNING.number, RUNNING.key, records.transaction_to_json(RUNNING)),
        )
        connection.commit()
    async with open_storage(path, [ID], SettableClock().now) as storage:
        assert (await storage.queries.states())[ID][0].transactions == (RUNNING,)


async def test_states_have_their_open_transactions_and_settings(storage: Storage) -> None:
    setting = StationVariable(key="LightIntensity", component="LegacyStation", variable="LightIntensity", value="5",
                              read_only=False)  # fmt: skip
    state = StationState(id=ID, operative=False)
    await storage.writer.commit(
        [
            repository.put_state(state),
            repository.put_settings(ID, (setting,)),
            repository.put_transaction(ID, RUNNING),
            repository.put_transaction("CP-2", replace(RUNNING, id="tx-2")),
            repository.put_state(replace(state, operative=True)),
        ]
    )
    states = await storage.queries.states()
    assert states[ID] == (replace(state, operative=True, transactions=(RUNNING,)), (setting,))
    assert states["CP-2"][0].transactions == (replace(RUNNING, id="tx-2"),), "even if its station was never written"


async def test_transactions_are_found_by_all_their_names(storage: Storage) -> None:
    queries = storage.queries
    await storage.writer.commit([repository.put_transaction(ID, RUNNING)])
    assert await queries.transaction_by_end_key(ID, "e1") is None
    await storage.writer.commit([repository.put_transaction(ID, ENDED)])
    for found in (
        await queries.transaction("tx-1"),
        await queries.transaction_by_key(ID, "k1"),
        await queries.transaction_by_end_key(ID, "e1"),
        await queries.transaction_by_number(ID, RUNNING.number),
    ):
        assert found == ENDED
    assert await queries.transaction_by_number("CP-2", RUNNING.number) is None
    assert await queries.transaction_by_end_key(ID, "") is None


async def test_repeats_are_known_for_ninety_days(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    async with open_storage(path, [ID], SettableClock().now) as storage:
        await storage.writer.commit([repository.put_transaction(ID, ENDED)])
        await storage.writer.commit([repository.put_transaction(ID, replace(RUNNING, id="open"))])
    for age, known in ((timedelta(days=89), True), (REPEATS_RECOGNISED + timedelta(days=1), False)):
        async with open_storage(path, [ID], SettableClock(START + age).now) as storage:
            assert (await storage.queries.transaction("tx-1") is not None) is known
            assert await storage.queries.transaction("open") is not None


async def test_numbers_go_on_after_a_restart_and_fit_an_int32(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    async with open_storage(path, [ID], SettableClock().now) as storage:
        first = storage.new_number()
        installation = storage.installation
        assert first > repository.NUMBER_BASE
        strange = replace(ENDED, id="orphan", number=2**31 - 1)
        await storage.writer.commit(
            [
                repository.put_transaction(ID, replace(RUNNING, number=first)),
                repository.put_transaction(ID, strange),
            ]
        )
    async with open_storage(path, [ID], SettableClock().now) as storage:
        assert storage.new_number() == first + 1
        assert storage.installation == installation


async def test_the_token_cache_keeps_the_latest(tmp_path: Path) -> None:
    clock = SettableClock()
    async with open_storage(tmp_path / "box.sqlite", [ID], clock.now) as storage:
        book = storage.tokens
        await book.remember(ID, Token(value="First"), ACCEPTED)
        rows = CacheRows(storage.writer, b"")
        fillers = [
            rows.put(ID, Token(value=f"t{i}"), ACCEPTED, 1.0, CACHE_LIMIT, CachePolicy.LRU)[1]
            for i in range(CACHE_LIMIT)
        ]
        await storage.writer.commit(fillers)
        clock.pass_(seconds=1)
        await book.remember(ID, Token(value="LAST"), replace(ACCEPTED, group=Token(value="G")))
        assert await book.recall(ID, Token(value="last")) == (clock.now(), replace(ACCEPTED, group=Token(value="G")))
        assert await book.recall(ID, Token(value="FIRST")) == (START, ACCEPTED)
        count = await storage.writer.read([("SELECT count(*) FROM token_cache", ())])
        assert count == [(CACHE_LIMIT,)]
        assert await book.recall("CP-2", Token(value="last")) is None
        await book.forget(ID)
        assert await book.recall(ID, Token(value="last")) is None


@pytest.mark.ocpp("C10.FR.07")
@pytest.mark.parametrize(
    ("policy", "steps", "left"),
    [("LRU", "a +a +a b c", "bc"), ("LFU", "a +a +a b c", "ac"), ("LRU", "a b +a c", "ac"), ("FIFO", "a b +a c", "bc")],
)
async def test_the_policy_says_what_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str, steps: str, left: str
) -> None:
    monkeypatch.setattr("gateway.store.tokens.CACHE_LIMIT", 2)
    clock = SettableClock()
    async with open_storage(tmp_path / "box.sqlite", [ID], clock.now) as storage:
        book, rule = storage.tokens, CachePolicy(policy)
        for step in steps.split():
            clock.pass_(seconds=1)
            token = Token(value=step[-1])
            await (book.use(ID, token) if step.startswith("+") else book.remember(ID, token, ACCEPTED, rule))
        assert "".join([each for each in "abc" if await book.recall(ID, Token(value=each))]) == left


@pytest.mark.ocpp("C10.FR.07")
@pytest.mark.parametrize("policy", CachePolicy)
async def test_what_may_not_charge_makes_room_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: CachePolicy
) -> None:
    monkeypatch.setattr("gateway.store.tokens.CACHE_LIMIT", 2)
    clock = SettableClock()
    blocked = Authorization(status=AuthorizationStatus.BLOCKED)
    async with open_storage(tmp_path / "box.sqlite", [ID], clock.now) as storage:
        for value, known in (("good", ACCEPTED), ("bad", blocked), ("worse", blocked)):
            clock.pass_(seconds=1)
            await storage.tokens.remember(ID, Token(value=value), known, policy)
        found = [await storage.tokens.recall(ID, Token(value=each)) is not None for each in ("good", "bad", "worse")]
        assert found == [True, False, True], "the newest is taken in all the same"


@pytest.mark.ocpp("C10.FR.12", "C04.FR.03")
@pytest.mark.parametrize("type_", [TokenType.ISO14443, TokenType.KEY_CODE])
async def test_the_database_does_not_tell_whose_tokens_the_cache_has(tmp_path: Path, type_: TokenType) -> None:
    path, token = tmp_path / "box.sqlite", Token(value="04A1B2C3D4", type=type_)
    async with open_storage(path, [ID], SettableClock().now) as storage:
        await storage.tokens.remember(ID, token, ACCEPTED)
        rows = await storage.writer.read([("SELECT * FROM token_cache", ())])
        assert token.key not in str(rows).casefold()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    async with open_storage(path, [ID], SettableClock().now) as storage:
        assert await storage.tokens.recall(ID, token) is not None, "known after a restart all the same"
    (tmp_path / KEY_FILE).write_bytes(b"")
    async with open_storage(path, [ID], SettableClock().now) as storage:
        assert await storage.tokens.recall(ID, token) is None, "with another key it is learnt again"


@pytest.mark.ocpp("C01.FR.25")
async def test_tokens_of_two_types_are_two_unless_the_type_was_guessed(tmp_path: Path) -> None:
    async with open_storage(tmp_path / "box.sqlite", [ID], SettableClock().now) as storage:
        book, more = storage.tokens, (AdditionalInfo(value="1", type="pin"),)
        local, card = Token(value="AA", type=TokenType.LOCAL), Token(value="aa", additional=more)
        await book.remember(ID, local, Authorization(status=AuthorizationStatus.BLOCKED))
        assert await book.recall(ID, card) is None
        await book.remember(ID, card, ACCEPTED)
        found = await book.recall(ID, Token(value="AA"))
        assert found is not None
        assert found[1].accepted
        assert found[1].token is not None
        assert found[1].token.additional == more
        guess = Token(value="AA", type=TokenType.KEY_CODE, guessed=True)
        assert await book.recall(ID, guess) is not None
        await book.forget(ID, guess)
        assert await book.cache_bytes(ID) == 0


async def test_the_local_list_is_replaced_as_a_whole(storage: Storage) -> None:
    assert await storage.tokens.local_list(ID) == (0, {})
    one, two = Token(value="A"), Token(value="B")
    await storage.tokens.store_local_list(ID, 3, {one.unique: (one, ACCEPTED), two.unique: (two, ACCEPTED)})
    await storage.tokens.store_local_list(ID, 4, {two.unique: (two, ACCEPTED)})
    assert await storage.tokens.local_list(ID) == (4, {two.unique: (two, ACCEPTED)})


async def test_values_of_variables_are_kept(storage: Storage) -> None:
    for value in ("1", "2"):
        await storage.writer.commit([repository.put_variable(ID, "ref", value)])
    assert await storage.queries.variables(ID) == {"ref": "2"}
