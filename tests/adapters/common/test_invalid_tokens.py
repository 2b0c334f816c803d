"""Tokens that were taken while the backend was away, and that it refuses once it is back (C15, E05); and none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.device import VariableRef
from gateway.model.transactions import ChargingState
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened
from tests.fakes.box import ID
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as found:
        yield found


async def set_(site: Site, component: str, variable: str, value: str) -> None:
    ref = VariableRef(component=component, variable=variable)
    assert (await site.box.hub.set_variable(ID, ref, value)).accepted


async def charge_and_be_refused(site: Site) -> None:
    """Charge with an unknown card while the backend is away; then it says that the card is invalid."""
    await set_(site, "AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    site.box.backend.since = None
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "B")
    site.wire.card = CARD.value
    await site.until(lambda: state_of(site) is ChargingState.CHARGING)
    site.box.backend.since = START
    told = [message for message in await site.box.sent() if message.action == "TransactionEvent"]
    assert told[0].payload["eventType"] == "Started"
    await site.box.hub.responded(ID, told[0], {"idTokenInfo": {"status": "Invalid"}})


def state_of(site: Site) -> ChargingState | None:
    """The state of charging of the open transaction."""
    running = site.box.state.transactions
    return running[0].charging_state if running else None


async def events(site: Site) -> list[Json]:
    """The TransactionEvents since the last time."""
    return await site.box.sent_of("TransactionEvent")


@pytest.mark.ocpp("C15.FR.04", "E05.FR.10")
async def test_its_transaction_is_stopped(site: Site) -> None:
    await charge_and_be_refused(site)
    await site.until(lambda: not site.box.state.transactions and site.wire.enable == 0)
    ended = (await events(site))[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "Deauthorized")
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"


@pytest.mark.ocpp("C15.FR.03", "E05.FR.09")
async def test_its_transaction_lasts_until_the_car_leaves_where_that_is_its_stop_point(site: Site) -> None:
    await set_(site, "TxCtrlr", "TxStopPoint", "EVConnected")
    await charge_and_be_refused(site)
    await site.until(lambda: site.wire.enable == 0 and state_of(site) is ChargingState.EV_CONNECTED)
    told = await events(site)
    assert [event["eventType"] for event in told] == ["Updated"] * len(told)
    assert told[0]["triggerReason"] == "Deauthorized"
    assert told[-1]["transactionInfo"]["chargingState"] == "EVConnected"


@pytest.mark.ocpp("C15.FR.06", "E05.FR.02")
async def test_it_is_held_back_where_it_does_not_stop(site: Site) -> None:
    await set_(site, "TxCtrlr", "StopTxOnInvalidId", "false")
    await charge_and_be_refused(site)
    await site.until(lambda: site.wire.enable == 0 and state_of(site) is ChargingState.SUSPENDED_EVSE)
    (event,) = await events(site)
    assert (event["eventType"], event["triggerReason"]) == ("Updated", "ChargingStateChanged")
    assert event["transactionInfo"]["chargingState"] == "SuspendedEVSE"


@pytest.mark.ocpp("C15.FR.07", "E05.FR.03")
async def test_it_may_have_some_energy_more_where_that_is_set(site: Site) -> None:
    await set_(site, "TxCtrlr", "StopTxOnInvalidId", "false")
    await set_(site, "TxCtrlr", "MaxEnergyOnInvalidId", "500")
    await charge_and_be_refused(site)
    for kwh in (0.0, 0.2, 0.2):
        site.wire.energy += kwh
        for _ in range(3):
            site.wire.polled.clear()
            await site.wire.polled.wait()
        assert state_of(site) is ChargingState.CHARGING
    site.wire.energy += 0.2
    await site.until(lambda: site.wire.enable == 0 and state_of(site) is ChargingState.SUSPENDED_EVSE)


@pytest.mark.ocpp("C02.FR.01")
async def test_nobody_is_asked_about_tokens_where_that_is_switched_off(site: Site) -> None:
    await set_(site, "AuthCtrlr", "Enabled", "false")
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "C")
    (started, *_) = await events(site)
    assert started["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert site.box.backend.asked == []
