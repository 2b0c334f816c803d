"""The ten operations that an OCPP 1.5 station calls, with the CSMS there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.plan import TOKEN
from tests.e2e.truth import assert_all_whole

if TYPE_CHECKING:
    from tests.e2e.world import World


@pytest.mark.ocpp("B01.FR.01", "B01.FR.05")
async def test_boot_notification_and_the_status_of_each_connector(two_evses: World) -> None:
    boots = two_evses.csms.of("BootNotification")
    sim = two_evses.station.sim
    assert boots[-1].payload["chargingStation"] == {
        "vendorName": sim.config.vendor,
        "model": sim.config.model,
        "serialNumber": sim.config.serial,
        "firmwareVersion": sim.config.firmware,
    }
    told = two_evses.csms.received[two_evses.csms.received.index(boots[-1]) :]
    statuses = {
        (r.payload["evseId"], r.payload["connectorId"]): r.payload["connectorStatus"]
        for r in told
        if r.action == "StatusNotification"
    }
    assert statuses == {(1, 1): "Available", (2, 1): "Available"}


async def test_a_whole_session(one: World) -> None:
    truth = await one.whole_session(samples=3)
    await one.delivered()
    assert truth.start_status == "Accepted"
    assert assert_all_whole(one) == 0
    assert not any(event["offline"] for event in one.held()[0].events)
