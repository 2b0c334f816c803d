"""A wallbox with a sensor at its parking bay: transactions that begin when a car comes, and end when it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened
from tests.fakes.box import ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site

BAY = "ParkingBayOccupancy"
ACTIVE = VariableRef(component="BayOccupancySensor", variable="Active", evse=1)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path, shown={"bay": 0}) as found:
        await found.until(lambda: found.box.state.bays != ())
        await found.set_("SampledDataCtrlr", "TxUpdatedInterval", "0")
        yield found


async def drive(site: Site, *, into: bool) -> None:
    site.wire.shown["bay"] = int(into)
    await site.until(lambda: site.box.state.bay(1) is into)
    await site.look()


async def events(site: Site) -> list[tuple[str, str, str]]:
    """Kind, reason and state of charging of what was told since the last time."""
    told = await site.box.sent_of("TransactionEvent")
    return [(e["eventType"], e["triggerReason"], e["transactionInfo"].get("chargingState", "")) for e in told]


async def report(site: Site) -> str:
    wanted: Json = {"component": {"name": "BayOccupancySensor", "evse": {"id": 1}}, "variable": {"name": "Active"}}
    (result,) = (await site.box.call("GetVariables", {"getVariableData": [wanted]}))["getVariableResult"]
    return str(result.get("attributeValue", result["attributeStatus"]))


async def test_the_sensor_is_a_component_of_the_evse(site: Site) -> None:
    assert await report(site) == "false"
    await drive(site, into=True)
    assert await report(site) == "true"
    assert site.box.state.transactions == (), "it is no start point unless the backend says so"


async def test_without_a_sensor_there_is_neither_component_nor_start_point(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        assert await report(site) == "UnknownComponent"
        ref = VariableRef(component="TxCtrlr", variable="TxStartPoint")
        assert not (await site.box.hub.set_variable(ID, ref, BAY)).accepted


@pytest.mark.ocpp("E01.FR.01", "E01.FR.15", "E01.FR.16", "E06.FR.01")
async def test_from_the_car_that_comes_to_the_car_that_leaves(site: Site) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", BAY)
    await site.set_("TxCtrlr", "TxStopPoint", BAY)
    await drive(site, into=True)
    assert await events(site) == [("Started", "EVDetected", "Idle")]
    await site.present(CARD)
    await site.plug()
    await site.until(site.charges)
    authorized, plugged, charging = await site.box.sent_of("TransactionEvent")
    assert (authorized["triggerReason"], authorized["idToken"]["idToken"]) == ("Authorized", CARD.value)
    assert (plugged["triggerReason"], plugged["evse"]) == ("CablePluggedIn", {"id": 1, "connectorId": 1})
    assert charging["transactionInfo"]["chargingState"] == "Charging"
    site.wire.plugged = False
    await site.until(lambda: site.wire.enable == 0)
    await site.look(2)
    assert await events(site) == [("Updated", "EVCommunicationLost", "Idle")]
    await drive(site, into=False)
    await site.until(lambda: not site.box.state.transactions)
    (ended,) = await site.box.sent_of("TransactionEvent")
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "EVDeparted")
    await drive(site, into=True)
    assert await events(site) == [("Started", "EVDetected", "Idle")]


@pytest.mark.ocpp("E09.FR.01")
async def test_who_plugs_in_again_is_to_be_authorized_again(site: Site) -> None:
    await site.set_("TxCtrlr", "TxStopPoint", BAY)
    await drive(site, into=True)
    await site.plug()
    await site.present(CARD)
    await site.until(site.charges)
    site.wire.plugged = False
    await site.until(lambda: site.wire.enable == 0)
    await site.until(lambda: site.box.state.transactions[0].stop_cause is not None)
    await site.plug()
    await site.look(3)
    assert site.wire.letter == "B"
    site.wire.card = ""
    await site.look(2)
    await site.present(CARD)
    await site.until(site.charges)
    assert {kind for kind, *_ in (await events(site))[1:]} == {"Updated"}


@pytest.mark.ocpp("E03.FR.15", "F02.FR.08")
@pytest.mark.parametrize("remote", [True, False])
async def test_a_driver_who_does_not_plug_in_loses_the_authorization_and_not_the_transaction(
    site: Site, *, remote: bool
) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", BAY)
    await site.set_("TxCtrlr", "TxStopPoint", BAY)
    await drive(site, into=True)
    if remote:
        start = {"idToken": {"idToken": CARD.value, "type": "ISO14443"}, "remoteStartId": 9, "evseId": 1}
        assert (await site.box.call("RequestStartTransaction", start))["status"] == "Accepted"
    else:
        await site.present(CARD)
    await site.box.sent()
    site.box.clock.pass_(seconds=61)
    await site.look(3)
    assert await events(site) == [("Updated", "EVConnectTimeout", "")]
    await site.plug()
    await site.look(3)
    assert site.wire.letter == "B", "the authorization is over"
    site.wire.plugged = False
    await drive(site, into=False)
    assert (await events(site))[-1][:2] == ("Ended", "EVDeparted")


async def test_a_car_that_leaves_unseen_by_any_stop_point_leaves_nothing_open(site: Site) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", BAY)
    for _ in range(2):
        await drive(site, into=True)
        await drive(site, into=False)
    assert [each[:2] for each in await events(site)] == [("Started", "EVDetected"), ("Ended", "EVDeparted")] * 2


@pytest.mark.parametrize("left", [False, True])
async def test_the_box_is_off_while_a_car_stands_there(tmp_path: Path, *, left: bool) -> None:
    async with opened(tmp_path, shown={"bay": 0}) as site:
        await site.until(lambda: site.box.state.bays != ())
        await site.set_("TxCtrlr", "TxStartPoint", BAY)
        await site.set_("TxCtrlr", "TxStopPoint", BAY)
        await drive(site, into=True)
        (begun,) = site.box.state.transactions
        await site.box.sent()
    async with opened(tmp_path, before=site, shown={"bay": int(not left)}) as again:
        await again.look(5)
        if left:
            assert await events(again) == [("Ended", "EVDeparted", "")]
        else:
            assert await events(again) == []
            assert [running.id for running in again.box.state.transactions] == [begun.id]


async def test_a_car_that_has_charged_and_stays_begins_no_other_transaction(site: Site) -> None:
    await site.set_("TxCtrlr", "TxStartPoint", BAY)
    await drive(site, into=True)
    await site.plug()
    await site.present(CARD)
    await site.until(site.charges)
    site.wire.plugged = False
    await site.until(lambda: not site.box.state.transactions)
    await site.look(3)
    assert (await events(site))[-1][:2] == ("Ended", "EVCommunicationLost")
    await site.plug()
    await site.look(2)
    assert site.box.state.transactions == ()
