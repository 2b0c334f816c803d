"""A wallbox on a whole box: what the backend is told of the start of a transaction, at every start point (E01 to E03)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.model.readings import ENERGY_REGISTER
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site

TOKEN: Json = {"idToken": CARD.value, "type": "ISO14443"}
AT_PLUG: Json = {"id": 1, "connectorId": 1}
START: Json = {"idToken": TOKEN, "remoteStartId": 9, "evseId": 1}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as found:
        await found.set_("SampledDataCtrlr", "TxStartedMeasurands", f"{ENERGY_REGISTER},Voltage")
        yield found


@dataclass(frozen=True)
class Step:
    """What a TransactionEvent is to say; ``state`` "" where the state of charging is as before."""

    why: str
    state: str
    token: bool = False
    evse: bool = False


PLUGGED = Step("CablePluggedIn", "EVConnected", evse=True)
FLOWS = Step("ChargingStateChanged", "Charging")
PLUG_FIRST = {
    "EVConnected": [PLUGGED, Step("Authorized", "", token=True), FLOWS],
    "Authorized": [Step("Authorized", "EVConnected", token=True, evse=True), FLOWS],
    "PowerPathClosed": [Step("Authorized", "EVConnected", token=True, evse=True), FLOWS],
    "EnergyTransfer": [Step("ChargingStateChanged", "Charging", token=True, evse=True)],
}
CARD_FIRST = {
    "EVConnected": [Step("CablePluggedIn", "EVConnected", token=True, evse=True), FLOWS],
    "Authorized": [Step("Authorized", "Idle", token=True, evse=True), PLUGGED, FLOWS],
    "PowerPathClosed": [Step("CablePluggedIn", "EVConnected", token=True, evse=True), FLOWS],
    "EnergyTransfer": [Step("ChargingStateChanged", "Charging", token=True, evse=True)],
}
REMOTE_AFTER_PLUG = {
    "EVConnected": [PLUGGED, Step("RemoteStart", "", token=True), FLOWS],
    "Authorized": [Step("RemoteStart", "EVConnected", token=True, evse=True), FLOWS],
}
REMOTE_FIRST = {
    "EVConnected": [Step("RemoteStart", "EVConnected", token=True, evse=True), FLOWS],
    "Authorized": [Step("RemoteStart", "Idle", token=True, evse=True), PLUGGED, FLOWS],
    "PowerPathClosed": [Step("RemoteStart", "EVConnected", token=True, evse=True), FLOWS],
    "EnergyTransfer": [Step("RemoteStart", "Charging", token=True, evse=True)],
}


def fits(events: list[Json], steps: list[Step]) -> None:
    """The events are these steps of one transaction, numbered from 0, and the first has the readings that are asked for."""
    assert [event["eventType"] for event in events] == ["Started", *["Updated"] * (len(steps) - 1)]
    assert [event["seqNo"] for event in events] == list(range(len(steps)))
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    said = [
        Step(
            event["triggerReason"],
            event["transactionInfo"].get("chargingState", ""),
            token=event.get("idToken") == TOKEN,
            evse=event.get("evse") == AT_PLUG,
        )
        for event in events
    ]
    assert said == steps
    (sample,) = events[0]["meterValue"]
    values = sample["sampledValue"]
    assert {value["measurand"] for value in values} == {ENERGY_REGISTER, "Voltage"}
    assert {value["context"] for value in values} == {"Transaction.Begin"}
    assert [event.get("numberOfPhasesUsed") for event in events] == [*[None] * (len(steps) - 1), 3]


@pytest.mark.ocpp(
    "E01.FR.02", "E01.FR.03", "E01.FR.05", "E01.FR.06", "E01.FR.07", "E01.FR.09", "E01.FR.10", "E01.FR.15", "E01.FR.16",
    "E02.FR.06", "E02.FR.07", "E02.FR.09", "E02.FR.13", "E02.FR.15", "E02.FR.18",
)  # fmt: skip
@pytest.mark.parametrize("point", PLUG_FIRST)
async def test_plugged_in_first(site: Site, point: str) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", point)
    await site.plug()
    await site.present(CARD)
    fits(await site.told_of_start(), PLUG_FIRST[point])


@pytest.mark.ocpp(
    "E01.FR.02", "E01.FR.03", "E01.FR.05", "E01.FR.06", "E01.FR.09", "E01.FR.15", "E01.FR.16",
    "E03.FR.01", "E03.FR.06", "E03.FR.07", "E03.FR.13",
)  # fmt: skip
@pytest.mark.parametrize("point", CARD_FIRST)
async def test_card_first(site: Site, point: str) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", point)
    await site.present(CARD)
    await site.plug()
    fits(await site.told_of_start(), CARD_FIRST[point])


@pytest.mark.ocpp(
    "F01.FR.02", "F01.FR.03", "F01.FR.04", "F01.FR.05", "F01.FR.13", "F01.FR.14", "F01.FR.17", "F01.FR.19", "F01.FR.25",
)  # fmt: skip
@pytest.mark.parametrize("point", REMOTE_AFTER_PLUG)
async def test_started_by_the_backend_with_the_cable_in(site: Site, point: str) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", point)
    await site.plug()
    await site.until(lambda: bool(site.box.state.transactions) is (point == "EVConnected"))
    begun = [running.id for running in site.box.state.transactions]
    answer = await site.box.call("RequestStartTransaction", START)
    assert answer == {"status": "Accepted", **({"transactionId": begun[0]} if begun else {})}
    events = await site.told_of_start()
    fits(events, REMOTE_AFTER_PLUG[point])
    assert site.box.backend.asked == [], "without authorization"
    (by_remote,) = [event for event in events if event["triggerReason"] == "RemoteStart"]
    assert [event["transactionInfo"].get("remoteStartId") for event in events if event is not by_remote] == [None] * (
        len(events) - 1
    )
    assert by_remote["transactionInfo"]["remoteStartId"] == START["remoteStartId"]


@pytest.mark.ocpp(
    "F02.FR.01", "F02.FR.02", "F02.FR.05", "F02.FR.10", "F02.FR.11", "F02.FR.12", "F02.FR.13", "F02.FR.21",
)  # fmt: skip
@pytest.mark.parametrize("point", REMOTE_FIRST)
async def test_started_by_the_backend_before_the_cable_is_in(site: Site, point: str) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", point)
    assert await site.box.call("RequestStartTransaction", START) == {"status": "Accepted"}
    await site.plug()
    events = await site.told_of_start()
    fits(events, REMOTE_FIRST[point])
    assert site.box.backend.asked == [], "without authorization"
    assert [event["transactionInfo"].get("remoteStartId") for event in events] == [9, *[None] * (len(events) - 1)]


@pytest.mark.ocpp("F01.FR.01", "F02.FR.09")
@pytest.mark.parametrize("cable_first", [True, False])
@pytest.mark.parametrize("word", ["Accepted", "Blocked"])
async def test_authorized_first_where_that_is_set(site: Site, word: str, *, cable_first: bool) -> None:
    await site.set_("AuthCtrlr", "AuthorizeRemoteStart", "true")
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": word}}
    if cable_first:
        await site.plug()
    assert await site.box.call("RequestStartTransaction", START) == {"status": "Accepted"}
    assert site.box.backend.asked == [("Authorize", {"idToken": TOKEN})]
    if not cable_first:
        await site.plug()
    if word == "Accepted":
        started = (await site.told_of_start())[0]
        assert (started["triggerReason"], started["idToken"]) == ("RemoteStart", TOKEN)
    else:
        await site.look(3)
        assert (site.wire.letter, site.box.state.transactions) == ("B", ())


@pytest.mark.ocpp("F01.FR.01", "F01.FR.13", "F01.FR.19", "F01.FR.25")
@pytest.mark.parametrize("word", ["Accepted", "Blocked"])
async def test_a_transaction_that_waits_is_named_though_its_token_is_asked_about(site: Site, word: str) -> None:
    await site.set_("AuthCtrlr", "AuthorizeRemoteStart", "true")
    await site.set_("TxCtrlr", "TxStartPoint", "EVConnected")
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": word}}
    await site.plug()
    await site.until(lambda: bool(site.box.state.transactions))
    (running,) = site.box.state.transactions
    answer = await site.box.call("RequestStartTransaction", START)
    assert answer == {"status": "Accepted", "transactionId": running.id}
    assert site.box.backend.asked == [("Authorize", {"idToken": TOKEN})]
    if word == "Accepted":
        fits(await site.told_of_start(), REMOTE_AFTER_PLUG["EVConnected"])
    else:
        await site.look(3)
        assert site.wire.letter == "B"
        assert [transaction.token for transaction in site.box.state.transactions] == [None]


@pytest.mark.ocpp("E01.FR.08", "E02.FR.08")
async def test_every_transaction_has_an_id_of_its_own(site: Site, tmp_path: Path) -> None:
    """Also after the box has started anew: what it has told before is not needed for that."""
    ids = []
    for _ in range(2):
        await site.plug()
        await site.present(CARD)
        ids.append((await site.told_of_start())[0]["transactionInfo"]["transactionId"])
        site.wire.plugged, site.wire.card = False, ""
        await site.until(lambda: not site.box.state.transactions and site.wire.enable == 0)
        await site.box.sent()
    (tmp_path / "anew").mkdir()
    async with opened(tmp_path / "anew") as other:
        await other.plug()
        await other.present(CARD)
        ids.append((await other.told_of_start())[0]["transactionInfo"]["transactionId"])
    assert len(set(ids)) == 3
