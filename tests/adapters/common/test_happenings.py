"""A wallbox on a whole box: what happens in a transaction is told, with its reason and the readings that are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site


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
