"""N09 and N10 as the CSMS sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.model.commands import ClearTokens, Reserve, StartCharging, Verdict
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from profiles.customer_information import CustomerInformationProfile
from profiles.customer_information.profile import CLEARED, NOTHING
from tests.fakes.box import ID, RFID, Box
from tests.profiles.opened import limit, opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

OTHER = Token(value="04FFFFFF")
FINE = Authorization(status=AuthorizationStatus.ACCEPTED, group=Token(value="FLEET"))
CERTIFICATE = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c"}


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(CustomerInformationProfile, tmp_path) as (opened, _):
        yield opened


def reference(token: Token = RFID) -> Json:
    return {"idToken": {"idToken": token.value, "type": token.type.value}}


async def ask(box: Box, *, report: bool = True, clear: bool = False, **who: Any) -> tuple[str, str]:
    """The status of the answer, and the data that follows, put together."""
    await box.sent()
    request = {"requestId": 5, "report": report, "clear": clear, **(who or reference())}
    status = (await box.call("CustomerInformation", request))["status"]
    pages = await box.sent_of("NotifyCustomerInformation")
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    assert [page["tbc"] for page in pages] == [True] * (len(pages) - 1) + [False] * bool(pages)
    assert {page["requestId"] for page in pages} <= {5}
    return status, "".join(page["data"] for page in pages)


async def visit(box: Box, key: str, token: Token = RFID, *, stopped_by: Token | None = None) -> str:
    """A whole transaction that the backend has been told of; its id."""
    admission = await box.begin(f"start|1|{token.key}|0|{key}", token=token)
    (transaction,) = box.state.transactions
    stop = f"stop|{admission.number}|{(stopped_by or token).key}|0|{key}"
    await box.end(admission.number, stop, token=stopped_by or token)
    box.clock.pass_(minutes=1)
    await box.sent()
    return transaction.id


async def stored(box: Box) -> str:
    """Everything in the database, as text."""
    tables = ("station", "tx", "outbox", "token_cache", "variable", "note", "document")
    await box.storage.outbox.written()
    rows = [await box.storage.writer.read([(f"SELECT * FROM {table}", ())]) for table in tables]  # noqa: S608 constants
    return str(rows).casefold()


@pytest.mark.ocpp("C01.FR.25")
async def test_a_token_of_another_type_is_somebody_else(box: Box) -> None:
    ended = await visit(box, "one")
    others = await visit(box, "two", Token(value=RFID.value, type=TokenType.KEY_CODE))
    _, data = await ask(box)
    assert ended in data
    assert others not in data


@pytest.mark.ocpp("N09.FR.02", "N09.FR.05")
async def test_all_that_is_stored_is_told(box: Box) -> None:
    await box.hub.tokens.remember(ID, RFID, FINE)
    await box.hub.tokens.store_local_list(ID, 3, {RFID.unique: (RFID, FINE), OTHER.unique: (OTHER, FINE)})
    ended = await visit(box, "one")
    others = await visit(box, "two", OTHER)
    await box.begin("now")
    (running,) = box.state.transactions
    status, data = await ask(box)
    assert status == "Accepted"
    for part in (
        RFID.value,
        "Authorization cache: Accepted, group FLEET",
        "Local Authorization List",
        ended,
        running.id,
    ):
        assert part in data
    assert "1.000 kWh" in data
    assert others not in data
    assert (await ask(box)) == (status, data)  # telling changes nothing


@pytest.mark.ocpp("N09.FR.05")
async def test_in_as_many_messages_as_it_takes(box: Box) -> None:
    visits = [await visit(box, str(number)) for number in range(12)]
    await box.call("CustomerInformation", {"requestId": 5, "report": True, "clear": False, **reference()})
    pages = await box.sent_of("NotifyCustomerInformation")
    assert len(pages) > 1
    data = "".join(page["data"] for page in pages)
    assert all(each in data for each in visits)


@pytest.mark.ocpp("N09.FR.06")
@pytest.mark.parametrize(
    "who", [reference(), {"customerIdentifier": "Jane Doe"}, {"customerCertificate": CERTIFICATE}], ids=lambda w: next(iter(w))
)  # fmt: skip
async def test_nothing_is_stored(box: Box, who: Json) -> None:
    await visit(box, "one", OTHER)
    assert (await ask(box, **who)) == ("Accepted", NOTHING)


@pytest.mark.ocpp("N10.FR.01", "N10.FR.03")
async def test_what_is_cleared_is_told_and_leaves_no_trace(box: Box) -> None:
    await box.hub.tokens.remember(ID, RFID, FINE)
    await box.hub.tokens.remember(ID, OTHER, FINE)
    mine, others = await visit(box, "one"), await visit(box, "two", OTHER)
    status, data = await ask(box, clear=True)
    assert status == "Accepted"
    assert "Authorization cache" in data
    assert mine in data
    assert (await ask(box)) == ("Accepted", NOTHING)
    assert RFID.key not in await stored(box)
    assert others in (await ask(box, **reference(OTHER)))[1]
    assert "Authorization cache" in (await ask(box, **reference(OTHER)))[1]
    assert box.adapter.asked(ClearTokens) != []  # the station itself may know it, too


@pytest.mark.ocpp("N10.FR.03")
async def test_the_local_list_stays(box: Box) -> None:
    await box.hub.tokens.store_local_list(ID, 3, {RFID.unique: (RFID, FINE)})
    await visit(box, "one")
    status, data = await ask(box, clear=True)
    assert (status, "Local Authorization List" in data) == ("Accepted", True)
    assert await box.hub.tokens.local_list(ID) == (3, {RFID.unique: (RFID, FINE)})
    assert "Transaction" not in (await ask(box))[1]


@pytest.mark.ocpp("N10.FR.04")
async def test_clearing_and_telling_what_is_not_there(box: Box) -> None:
    assert (await ask(box, clear=True)) == ("Accepted", NOTHING)


@pytest.mark.ocpp("N10.FR.06")
@pytest.mark.parametrize("known", [True, False])
async def test_clearing_without_telling(box: Box, known: bool) -> None:  # noqa: FBT001 a case
    if known:
        await visit(box, "one")
    assert (await ask(box, report=False, clear=True)) == ("Accepted", CLEARED)
    assert (await ask(box)) == ("Accepted", NOTHING)


async def test_the_word_on_a_token_that_is_cleared_is_forgotten(box: Box) -> None:
    box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Blocked"}}
    await box.hub.authorize(Place(station=ID, evse=1), RFID, patience=1)
    await ask(box, clear=True)
    box.backend.since = None
    assert (await box.begin()).number
    assert box.member.last_word == {}


async def test_who_stopped_a_transaction_of_another_is_forgotten_and_the_other_is_not(box: Box) -> None:
    transaction = await visit(box, "one", OTHER, stopped_by=RFID)
    assert transaction in (await ask(box, clear=True))[1]
    assert (await ask(box)) == ("Accepted", NOTHING)
    assert transaction in (await ask(box, **reference(OTHER)))[1]


async def test_a_stop_that_is_told_again_after_that_changes_nothing(box: Box) -> None:
    admission = await box.begin("start|1|a")
    await box.end(admission.number, f"stop|{RFID.key}", token=RFID)
    await box.sent()
    await ask(box, clear=True)
    await box.end(admission.number, f"stop|{RFID.key}", token=RFID)
    assert await box.sent_of("TransactionEvent") == []


class TestNotNow:
    """A state in which it cannot be done (N10.FR.05); telling is possible all the same."""

    @pytest.mark.ocpp("N10.FR.05")
    async def test_while_the_customer_charges(self, box: Box) -> None:
        await box.hub.tokens.remember(ID, RFID, FINE)
        admission = await box.begin()
        assert (await ask(box, clear=True)) == ("Rejected", "")
        assert "still running" in (await ask(box))[1]
        assert "Authorization cache" in (await ask(box))[1]
        await box.end(admission.number)
        await box.sent()
        assert (await ask(box, clear=True))[0] == "Accepted"

    async def test_while_the_backend_has_still_to_hear_of_it(self, box: Box) -> None:
        await box.end((await box.begin()).number)
        request = {"requestId": 5, "report": False, "clear": True, **reference()}
        assert (await box.call("CustomerInformation", request))["status"] == "Rejected"
        await box.sent()
        assert (await box.call("CustomerInformation", request))["status"] == "Accepted"

    async def test_while_an_evse_is_kept_for_the_customer(self, box: Box) -> None:
        await box.hub.execute(
            Reserve(
                place=Place(station=ID, evse=1, connector=1), reservation=7, token=RFID, group=None,
                expires_at=box.clock.now() + timedelta(minutes=1),
            )
        )  # fmt: skip
        assert (await ask(box, clear=True)) == ("Rejected", "")
        assert "Reservation 7: EVSE 1" in (await ask(box))[1]

    async def test_while_a_start_is_to_come_but_not_once_it_has_lapsed(self, box: Box) -> None:
        await box.hub.execute(
            StartCharging(
                place=Place(station=ID, evse=1, connector=1), token=RFID, remote_start_id=1,
                expires_at=box.clock.now() + timedelta(minutes=1),
            )
        )  # fmt: skip
        assert (await ask(box, clear=True)) == ("Rejected", "")
        assert "Remote start 1" in (await ask(box))[1]
        box.clock.pass_(minutes=1)
        assert (await ask(box, clear=True)) == ("Accepted", NOTHING)
        assert RFID.key not in await stored(box)

    @pytest.mark.ocpp("N10.FR.05")
    async def test_while_the_station_is_not_reached(self, box: Box) -> None:
        await visit(box, "one")
        box.adapter.refuse(ClearTokens, verdict=Verdict.UNREACHABLE)
        assert (await ask(box, clear=True)) == ("Rejected", "")
        assert "Transaction" in (await ask(box))[1]

    async def test_a_station_that_has_no_cache_is_no_obstacle(self, box: Box) -> None:
        box.adapter.refuse(ClearTokens)
        assert (await ask(box, clear=True))[0] == "Accepted"
        await limit(box)
        assert (await ask(box, clear=True))[0] == "Accepted"

    @pytest.mark.ocpp("N09.FR.03")
    async def test_while_the_storage_does_not_work(self, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
        async def broken(*_: object) -> None:
            raise GatewayError("storage-failed")

        monkeypatch.setattr(box.storage.writer, "read", broken)
        request = {"requestId": 5, "report": True, "clear": False, **reference()}
        answer = await box.call("CustomerInformation", request)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InternalError")


@pytest.mark.ocpp("N09.FR.07", "N10.FR.07")
async def test_neither_telling_nor_clearing(box: Box) -> None:
    assert (await ask(box, report=False)) == ("Rejected", "")


@pytest.mark.ocpp("N09.FR.09")
@pytest.mark.parametrize("who", [{}, {**reference(), "customerIdentifier": "Jane"}])
async def test_not_exactly_one_customer(box: Box, who: Json) -> None:
    request = {"requestId": 5, "report": True, "clear": True, **who}
    assert (await box.call("CustomerInformation", request))["status"] == "Invalid"
