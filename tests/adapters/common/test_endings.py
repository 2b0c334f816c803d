"""A wallbox on a whole box: each way to end a transaction, with its reason, its number and its readings."""

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

    Way = Callable[[Site], Awaitable[None]]

VOLTAGE = "Voltage"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A transaction that charges, with two measurands for its end."""
    async with opened(tmp_path) as found:
        await found.set_("SampledDataCtrlr", "TxEndedMeasurands", f"{ENERGY_REGISTER},{VOLTAGE}")
        await found.plug()
        await found.present(CARD)
        await found.until(found.charges)
        yield found


async def card(site: Site) -> None:
    site.wire.card = ""
    await site.look(2)
    site.wire.card = CARD.value


async def remote_stop(site: Site) -> None:
    running = site.box.state.transactions[0].id
    assert await site.box.call("RequestStopTransaction", {"transactionId": running}) == {"status": "Accepted"}


async def refuse(site: Site) -> None:
    """The backend does not accept the token after all; only what is told after that waits to be sent."""
    started = await site.box.next_event()
    await site.box.hub.responded(ID, started, {"idTokenInfo": {"status": "Blocked"}})


async def unplug(site: Site) -> None:
    site.wire.plugged = False


async def reset(site: Site) -> None:
    assert (await site.box.call("Reset", {"type": "Immediate"}))["status"] == "Accepted"


async def fault(site: Site) -> None:
    await site.set_("TxCtrlr", "TxStopPoint", "EnergyTransfer")
    site.wire.error = 1


async def full(site: Site) -> None:
    """The car has had enough, and a transaction lasts only as long as energy flows."""
    await site.set_("TxCtrlr", "TxStopPoint", "EnergyTransfer")
    site.wire.shown |= {"state": "B", "current": (0.0, 0.0, 0.0)}


async def suspend_and_end(site: Site) -> None:
    """Unplugged at the car, which does not end it; the card does."""
    await site.set_("TxCtrlr", "TxStopPoint", "Authorized")
    await site.set_("TxCtrlr", "StopTxOnEVSideDisconnect", "false")
    site.wire.plugged = False
    await site.until(lambda: site.status().value == "Available")
    assert site.box.state.transactions
    await card(site)


@pytest.mark.ocpp("E06.FR.11", "E06.FR.14", "E06.FR.15")
@pytest.mark.parametrize(
    ("way", "trigger", "reason"),
    [
        pytest.param(
            card, "StopAuthorized", "Local", id="card",
            marks=pytest.mark.ocpp("E06.FR.03", "E07.FR.05", "E07.FR.08", "E07.FR.11"),
        ),
        pytest.param(
            remote_stop, "RemoteStop", "Remote", id="remote",
            marks=pytest.mark.ocpp("E06.FR.08", "E07.FR.06", "F04.FR.04"),
        ),
        pytest.param(
            refuse, "Deauthorized", "DeAuthorized", id="refused",
            marks=pytest.mark.ocpp("E06.FR.04", "E06.FR.08", "E07.FR.06"),
        ),
        pytest.param(
            unplug, "EVCommunicationLost", "EVDisconnected", id="unplugged",
            marks=pytest.mark.ocpp("E06.FR.08", "E07.FR.06", "E09.FR.04", "E09.FR.05"),
        ),
        pytest.param(
            reset, "ResetCommand", "ImmediateReset", id="reset", marks=pytest.mark.ocpp("E06.FR.08", "E07.FR.06"),
        ),
        pytest.param(
            fault, "AbnormalCondition", "GroundFault", id="fault",
            marks=pytest.mark.ocpp("E06.FR.08", "E06.FR.16", "E07.FR.06"),
        ),
        pytest.param(
            full, "ChargingStateChanged", "StoppedByEV", id="full",
            marks=pytest.mark.ocpp("E06.FR.07", "E06.FR.08", "E07.FR.06", "E15.FR.01"),
        ),
        pytest.param(
            suspend_and_end, "StopAuthorized", "Local", id="suspended", marks=pytest.mark.ocpp("E10.FR.03", "E10.FR.04"),
        ),
    ],
)  # fmt: skip
async def test_each_end_has_its_reason_its_number_and_its_readings(
    site: Site, way: Way, trigger: str, reason: str
) -> None:
    transaction = site.box.state.transactions[0]
    site.wire.energy += 7.0
    await way(site)
    await site.until(lambda: not site.box.state.transactions)
    events = [
        e for e in await site.box.sent_of("TransactionEvent") if e["transactionInfo"]["transactionId"] == transaction.id
    ]
    ended = events[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", trigger)
    assert ended["transactionInfo"]["stoppedReason"] == reason
    numbers = [event["seqNo"] for event in events]
    assert numbers == list(range(numbers[0], ended["seqNo"] + 1))
    last = {v["measurand"]: v for each in ended["meterValue"] for v in each["sampledValue"] if context(v) == "End"}
    assert last.keys() == {ENERGY_REGISTER, VOLTAGE}
    assert last[ENERGY_REGISTER]["value"] == 107_000.0


def context(value: Json) -> str:
    return str(value["context"]).removeprefix("Transaction.")


@pytest.mark.ocpp(
    "E08.FR.01", "E08.FR.04", "E08.FR.05", "E08.FR.07", "E08.FR.08", "E08.FR.09", "E12.FR.01", "E12.FR.07",
)  # fmt: skip
async def test_the_card_ends_it_while_the_backend_is_away(site: Site) -> None:
    await site.box.sent()
    site.box.backend.since = None
    await card(site)
    await site.until(lambda: not site.box.state.transactions)
    await site.until(lambda: site.wire.enable == 0)
    (ended,) = await site.box.sent_of("TransactionEvent")
    assert (ended["eventType"], ended["seqNo"], ended["offline"]) == ("Ended", 2, True)
    told = {(v["measurand"], context(v)) for each in ended["meterValue"] for v in each["sampledValue"]}
    assert told >= {(ENERGY_REGISTER, "Begin"), (ENERGY_REGISTER, "End"), (VOLTAGE, "End")}


@pytest.mark.ocpp("E11.FR.01", "E11.FR.03", "E12.FR.03")
async def test_readings_that_are_wanted_come_while_the_backend_is_away(site: Site) -> None:
    await site.set_("SampledDataCtrlr", "TxUpdatedMeasurands", f"{VOLTAGE},{ENERGY_REGISTER}")
    await site.box.sent()
    site.box.backend.since = None
    for _ in range(2):
        site.box.clock.pass_(seconds=61)
        await site.look(4)
    events = await site.box.sent_of("TransactionEvent")
    assert [(e["eventType"], e["triggerReason"], e["offline"]) for e in events] == [
        ("Updated", "MeterValuePeriodic", True)
    ] * 2
    for event in events:
        assert {v["measurand"] for each in event["meterValue"] for v in each["sampledValue"]} == {
            VOLTAGE,
            ENERGY_REGISTER,
        }
