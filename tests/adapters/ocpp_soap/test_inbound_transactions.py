"""Transactions that stations report: kept before they are answered, never refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.model.errors import GatewayError
from gateway.model.events import Measured, TransactionBegan, TransactionEnded
from gateway.model.ids import Place
from gateway.model.readings import Context
from gateway.model.station import RemoteStart, StationState
from gateway.model.tokens import Authorization, AuthorizationStatus, Token, TokenType
from gateway.model.transactions import STOPPED_DEAUTHORIZED, Transaction
from tests.adapters.ocpp_soap.rig import NOW, STATION, Rig, element, request, running, settings, values

STAMP = "2024-05-01T11:59:30Z"
START = element("startTransactionRequest", connectorId=1, idTag="04A1B2C3", timestamp=STAMP, meterStart=1500)
STOP = element("stopTransactionRequest", transactionId=17000000, idTag="04A1B2C3", timestamp=STAMP, meterStop=2500)
METER = (
    "<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:transactionId>17000000</c:transactionId>"
    f"<c:values><c:timestamp>{STAMP}</c:timestamp><c:value>1600</c:value></c:values></c:meterValuesRequest>"
)


def began(rig: Rig) -> list[TransactionBegan]:
    return [event for event in rig.box.events if isinstance(event, TransactionBegan)]


def ended(rig: Rig) -> list[TransactionEnded]:
    return [event for event in rig.box.events if isinstance(event, TransactionEnded)]


async def test_a_start_is_kept_and_gets_its_number() -> None:
    async with running() as rig:
        assert values(await rig.ask(START)) == {"transactionId": "17000000", "status": "Accepted"}
        (event,) = began(rig)
        assert event.place == Place(station=STATION, evse=1, connector=1)
        assert event.at == NOW - timedelta(seconds=30)
        assert event.meter_start == 1500
        assert event.token == Token(value="04A1B2C3")
        assert event.reservation is None


async def test_a_repeated_start_is_the_same_start() -> None:
    async with running() as rig:
        first = values(await rig.ask(START))
        again = values(await rig.ask(START.replace("04A1B2C3", "04a1b2c3")))
        other = values(await rig.ask(START.replace("1500", "1501")))
        assert first == again
        assert other["transactionId"] != first["transactionId"]


async def test_a_start_without_time_is_repeated_only_while_it_runs() -> None:
    async with running() as rig:
        body = element("startTransactionRequest", connectorId=1, idTag="A", meterStart=0)
        await rig.ask(body)
        (first,) = began(rig)
        assert first.at == NOW
        running_one = Transaction(
            id="t", number=1, evse=1, connector=1, started_at=NOW, last_at=NOW, token=None, key=first.key
        )
        rig.box.states[STATION] = StationState(id=STATION, transactions=(running_one,))
        rig.clock[0] += timedelta(seconds=30)
        await rig.ask(body)
        rig.box.states.clear()
        await rig.ask(body)
        keys = [event.key for event in began(rig)]
        assert keys[0] == keys[1] != keys[2]


async def test_a_clock_that_nobody_has_set_is_no_time() -> None:
    async with running() as rig:
        await rig.ask(START.replace(STAMP, "1970-01-01T00:00:12Z"))
        assert began(rig)[0].at == NOW


async def test_what_is_missing_in_a_start_is_defaulted() -> None:
    async with running(settings(connectors={2: (1, 1)})) as rig:
        assert values(await rig.ask("<c:startTransactionRequest/>"))["status"] == "Accepted"
        (event,) = began(rig)
        assert event.place == Place(station=STATION, evse=1, connector=1)
        assert event.token == Token(value="", type=TokenType.NO_AUTHORIZATION)
        assert event.meter_start == 0


async def test_a_token_for_another_evse_may_not_charge_here() -> None:
    async with running() as rig:
        rig.box.authorization = Authorization(status=AuthorizationStatus.ACCEPTED, evses=(2,))
        answer = values(await rig.ask(START))
        assert answer["status"] == "Invalid"
        assert answer["transactionId"] == "17000000"


async def test_a_long_token_of_a_remote_start_comes_back_as_itself() -> None:
    async with running() as rig:
        long = Token(value="DE*ABC*1234567890*TOO-LONG", type=TokenType.EMAID)
        rig.box.authorization = Authorization(status=AuthorizationStatus.ACCEPTED, group=long)
        short = values(await rig.ask(element("authorizeRequest", idTag="x")))["parentIdTag"]
        assert len(short) <= 20
    # After a restart of the box only the state is left.
    async with running() as rig:
        pending = RemoteStart(id=1, evse=1, token=long, expires_at=NOW)
        rig.box.states[STATION] = StationState(id=STATION, remote_starts=(pending,))
        await rig.ask(START.replace("04A1B2C3", short.lower()))
        assert began(rig)[0].token == long


async def test_readings_name_their_transaction() -> None:
    async with running() as rig:
        await rig.ask(METER)
        await rig.ask(METER.replace("17000000", "0"))
        first, second = (event for event in rig.box.events if isinstance(event, Measured))
        assert first.number == 17000000
        assert first.samples[0].readings[0].value == 1600
        assert second.number is None
        assert second.place.evse == 1


async def test_a_stop_with_its_readings() -> None:
    async with running() as rig:
        state = Transaction(
            id="t", number=17000000, evse=1, connector=1, started_at=NOW, last_at=NOW, token=Token(value="04a1b2c3")
        )
        rig.box.states[STATION] = StationState(id=STATION, transactions=(state,))
        data = "".join(
            f"<c:transactionData><c:values><c:timestamp>2024-05-01T11:{minute}:00Z</c:timestamp><c:value context="
            f'"{context}">{value}</c:value></c:values></c:transactionData>'
            for minute, context, value in ((10, "Transaction.End", 1500), (59, "Transaction.Begin", 2500))
        )
        body = STOP.replace("</c:stopTransactionRequest>", f"{data}</c:stopTransactionRequest>")
        assert values(await rig.ask(body)) == {"status": "Accepted"}
        (event,) = ended(rig)
        assert (event.number, event.meter_stop, event.at) == (17000000, 2500, NOW - timedelta(seconds=30))
        assert event.token is not None
        contexts = [sample.readings[0].context for sample in event.samples]
        assert contexts == [Context.TRANSACTION_BEGIN, Context.TRANSACTION_END]


@pytest.mark.parametrize("number", ["0", "-1", "4711", ""])
async def test_a_stop_is_answered_whatever_it_names(number: str) -> None:
    async with running() as rig:
        assert values(await rig.ask(STOP.replace("17000000", number))) == {}
        assert ended(rig)[0].number == (4711 if number == "4711" else None)


async def test_a_repeated_stop_has_the_same_key() -> None:
    async with running() as rig:
        await rig.ask(STOP)
        await rig.ask(STOP)
        first, second = ended(rig)
        assert first.key == second.key


async def test_a_token_that_was_refused_is_not_confirmed_by_its_stop() -> None:
    async with running() as rig:
        state = Transaction(
            id="t", number=17000000, evse=1, connector=1, started_at=NOW, last_at=NOW,
            token=Token(value="04A1B2C3"), stop_cause=STOPPED_DEAUTHORIZED,
        )  # fmt: skip
        rig.box.states[STATION] = StationState(id=STATION, transactions=(state,))
        assert values(await rig.ask(STOP)) == {}


@pytest.mark.parametrize("body", [START, STOP, METER])
async def test_no_answer_while_nothing_can_be_kept(body: str) -> None:
    async with running() as rig:
        await rig.ask("<c:heartbeatRequest/>")
        rig.box.disk_full = True
        assert await rig.dropped(body)
        rig.box.disk_full = False
        await rig.ask(body)


@pytest.mark.parametrize("body", [START, STOP, METER])
async def test_no_fault_whatever_fails(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_events: object) -> None:
        raise GatewayError("something-else")

    async with running() as rig:
        await rig.ask("<c:heartbeatRequest/>")
        with monkeypatch.context() as broken:
            broken.setattr(rig.box, "publish", fails)
            assert await rig.dropped(body)
        await rig.ask(body)


@pytest.mark.parametrize("name", ["startTransactionRequest", "stopTransactionRequest", "meterValuesRequest"])
async def test_half_a_record_is_to_be_sent_again(name: str) -> None:
    async with running() as rig:
        assert await rig.dropped(request(f"<c:{name}><c:connectorId>1").partition(b"</s:Body>")[0])
        assert not rig.box.events
        reply = await rig.send(b"<s:Envelope><c:heartbeatRequest>")
        assert reply.status == 400  # nothing is lost with anything else


@pytest.mark.parametrize("name", ["startTransactionRequest", "stopTransactionRequest", "meterValuesRequest"])
async def test_a_record_that_can_be_understood_is_answered(name: str) -> None:
    async with running() as rig:
        reply = await rig.send(b"\n\xef\xbb\xbf" + request(f"<c:{name}><x:odd>&</x:odd></c:{name}>") + b"\0\0")
        assert reply.status == 200
        assert b"Fault" not in reply.body
