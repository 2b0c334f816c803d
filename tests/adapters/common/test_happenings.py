"""A wallbox on a whole box: what happens in a transaction is told, with its reason and the readings that are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.readings import ENERGY_REGISTER
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened
from tests.fakes.box import ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site


START: Json = {"idToken": {"idToken": CARD.value, "type": "ISO14443"}, "remoteStartId": 9, "evseId": 1}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as found:
        yield found


@pytest.mark.ocpp("E02.FR.19", "E03.FR.14")
async def test_another_number_of_phases_is_told_once_it_holds(site: Site) -> None:
    await site.set_("SampledDataCtrlr", "TxUpdatedInterval", "0")
    await site.plug()
    await site.present(CARD)
    assert (await site.told_of_start())[-1]["numberOfPhasesUsed"] == 3
    site.wire.shown["current"] = (16.0, 0.0, 0.0)
    await site.until(lambda: site.box.state.transactions[0].phases == 1)
    (event,) = await site.box.sent_of("TransactionEvent")
    assert (event["triggerReason"], event["numberOfPhasesUsed"]) == ("ChargingRateChanged", 1)


async def fault(site: Site) -> None:
    site.wire.error = 1


async def unplug(site: Site) -> None:
    site.wire.plugged = False


async def pause(site: Site) -> None:
    site.wire.shown |= {"state": "B", "current": (0.0, 0.0, 0.0)}


async def fewer_phases(site: Site) -> None:
    site.wire.shown["current"] = (16.0, 0.0, 0.0)


async def minute(site: Site) -> None:
    site.box.clock.pass_(seconds=61)


async def quarter(site: Site) -> None:
    await site.set_("SampledDataCtrlr", "TxUpdatedInterval", "0")
    await site.set_("AlignedDataCtrlr", "Interval", "900")
    await site.look(2)
    site.box.clock.pass_(minutes=15)


async def card(site: Site) -> None:
    site.wire.card = ""
    await site.look(2)
    site.wire.card = CARD.value


async def remote_stop(site: Site) -> None:
    running = site.box.state.transactions[0].id
    assert await site.box.call("RequestStopTransaction", {"transactionId": running}) == {"status": "Accepted"}


async def reset(site: Site) -> None:
    assert (await site.box.call("Reset", {"type": "Immediate"}))["status"] == "Accepted"


async def trigger(site: Site) -> None:
    asked = {"requestedMessage": "TransactionEvent", "evse": {"id": 1}}
    assert (await site.box.call("TriggerMessage", asked))["status"] == "Accepted"


HAPPENINGS = {
    "AbnormalCondition": fault,
    "EVCommunicationLost": unplug,
    "ChargingStateChanged": pause,
    "ChargingRateChanged": fewer_phases,
    "MeterValuePeriodic": minute,
    "MeterValueClock": quarter,
    "StopAuthorized": card,
    "RemoteStop": remote_stop,
    "ResetCommand": reset,
    "Trigger": trigger,
}


@pytest.mark.ocpp(
    "E01.FR.15", "E02.FR.15", "E02.FR.16", "E02.FR.17", "E03.FR.12", "F01.FR.17", "F01.FR.18", "F03.FR.09",
)  # fmt: skip
@pytest.mark.parametrize("reason", HAPPENINGS)
async def test_what_happens_in_a_transaction_is_told_with_its_reason(site: Site, reason: str) -> None:
    """Those of the start are shown with it, Deauthorized with tokens that are refused, EVConnectTimeout where no car comes."""
    await site.plug()
    await site.present(CARD)
    await site.told_of_start()
    await HAPPENINGS[reason](site)
    (event, *_) = await next_events(site)
    assert event["triggerReason"] == reason


async def next_events(site: Site) -> list[Json]:
    for _ in range(20):
        await site.look()
        found = await site.box.sent_of("TransactionEvent")
        if found:
            return found
    raise AssertionError("nothing was told")


async def by_card(site: Site) -> None:
    await site.plug()
    await site.present(CARD)


async def by_card_first(site: Site) -> None:
    await site.present(CARD)
    await site.plug()


async def by_backend(site: Site) -> None:
    await site.plug()
    assert await site.box.call("RequestStartTransaction", START) == {"status": "Accepted"}


async def by_backend_first(site: Site) -> None:
    assert await site.box.call("RequestStartTransaction", START) == {"status": "Accepted"}
    await site.plug()


def measured(event: Json) -> set[tuple[str, str]]:
    """Measurand and context of all that an event has readings of."""
    return {(value["measurand"], value["context"]) for each in event["meterValue"] for value in each["sampledValue"]}


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(by_card, marks=pytest.mark.ocpp("E02.FR.10")),
        pytest.param(by_card_first, marks=pytest.mark.ocpp("E03.FR.08")),
        pytest.param(by_backend, marks=pytest.mark.ocpp("F01.FR.15")),
        pytest.param(by_backend_first, marks=pytest.mark.ocpp("F02.FR.03")),
    ],
)
async def test_the_readings_that_are_wanted_come_during_it(
    site: Site, start: Callable[[Site], Awaitable[None]]
) -> None:
    await site.set_("SampledDataCtrlr", "TxUpdatedMeasurands", "Voltage,Power.Active.Import")
    await site.set_("SampledDataCtrlr", "TxUpdatedInterval", "30")
    await start(site)
    await site.told_of_start()
    for _ in range(2):
        site.box.clock.pass_(seconds=31)
        (event, *_) = await next_events(site)
        assert (event["eventType"], event["triggerReason"]) == ("Updated", "MeterValuePeriodic")
        assert measured(event) == {("Voltage", "Sample.Periodic"), ("Power.Active.Import", "Sample.Periodic")}


@pytest.mark.ocpp("F03.FR.03", "F03.FR.04", "F03.FR.07")
async def test_the_readings_that_are_wanted_come_with_the_end_that_the_backend_asks_for(site: Site) -> None:
    await site.set_("SampledDataCtrlr", "TxEndedMeasurands", f"{ENERGY_REGISTER},Voltage")
    await by_backend(site)
    await site.told_of_start()
    await remote_stop(site)
    (ended, *_) = await next_events(site)
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "RemoteStop")
    assert ended["transactionInfo"]["stoppedReason"] == "Remote"
    assert "idToken" not in ended
    assert measured(ended) >= {(ENERGY_REGISTER, "Transaction.End"), ("Voltage", "Transaction.End")}


@pytest.mark.ocpp("E04.FR.01", "E04.FR.03", "E04.FR.04", "E04.FR.05", "E04.FR.06")
async def test_all_of_it_while_the_backend_is_away(site: Site) -> None:
    await site.set_("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    await site.set_("SampledDataCtrlr", "TxUpdatedMeasurands", "Voltage")
    site.box.backend.since = None
    await site.plug()
    site.wire.card = CARD.value
    await site.until(site.charges)
    site.box.clock.pass_(seconds=61)
    await site.look(3)
    await card(site)
    await site.until(lambda: not site.box.state.transactions)
    site.box.backend.since = site.box.clock.now()
    events = await site.box.sent_of("TransactionEvent")
    assert [event["eventType"] for event in events] == ["Started", "Updated", "Updated", "Ended"]
    assert [event["seqNo"] for event in events] == [0, 1, 2, 3]
    assert [event["offline"] for event in events] == [True] * 4
    assert measured(events[0]) == {(ENERGY_REGISTER, "Transaction.Begin")}
    assert measured(events[2]) == {("Voltage", "Sample.Periodic")}


@pytest.mark.ocpp("E05.FR.04", "E05.FR.05", "E05.FR.10")
async def test_a_token_that_the_backend_refuses_at_the_start(site: Site) -> None:
    await by_card(site)
    await site.until(site.charges)
    message = await site.box.next_event()
    started = message.payload
    await site.box.hub.responded(ID, message, {"idTokenInfo": {"status": "Invalid"}})
    await site.until(lambda: not site.box.state.transactions)
    ended = (await site.box.sent_of("TransactionEvent"))[-1]
    assert measured(started) == {(ENERGY_REGISTER, "Transaction.Begin")}
    assert (started["seqNo"], ended["seqNo"]) == (0, 2)
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("Deauthorized", "DeAuthorized")


@pytest.mark.ocpp("E02.FR.03", "E03.FR.03", "F02.FR.06")
@pytest.mark.parametrize("start", [by_card, by_card_first, by_backend_first])
@pytest.mark.parametrize("point", ["EVConnected", "Authorized"])
async def test_a_reservation_that_the_transaction_ends_is_named_once(
    site: Site, start: Callable[[Site], Awaitable[None]], point: str
) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", point)
    reservation = {"id": 7, "evseId": 1, "expiryDateTime": "2027-01-01T00:00:00Z", "idToken": START["idToken"]}
    assert await site.box.call("ReserveNow", reservation) == {"status": "Accepted"}
    await start(site)
    events = await site.told_of_start()
    assert [event.get("reservationId") for event in events if "idToken" in event] == [7]
    assert [event["reservationId"] for event in events if "reservationId" in event] == [7]
    assert site.box.state.reservations == ()
