"""The cases of the profile Advanced User Interface, each as a function of its name (Part 6, TC_I and TC_O)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.panel import message, text
from tests.e2e.certification.stage import at
from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.panel import Panel

    Case = Callable[[Panel], Awaitable[None]]

SOON = 1.0
"""Seconds that a message waits for its start, or is shown."""

NOBODY = "UNKNOWN-TRANSACTION-ID"


async def _present(panel: Panel) -> None:
    """A driver comes, and is told a tariff; the CSMS has another one while the vehicle charges."""
    panel.words["Authorize"] = {"personalMessage": text("45 Cent/kWh")}
    await panel.plug()
    since = panel.both.world.news
    await panel.charge()
    if panel.by_card:
        asked = await panel.side.heard("Authorize", since)
        assert asked["idToken"]["idToken"] == TOKEN
        event = await panel.side.heard("TransactionEvent", since, eventType="Started")
        assert (event["triggerReason"], event["idToken"]) == ("Authorized", asked["idToken"])
        await panel.reads_price("tariff", "45 Cent/kWh")
    panel.words["Updated"] = {"updatedPersonalMessage": text("50 Cent/kWh")}
    await panel.reads_price("tariff", "50 Cent/kWh")


@pytest.mark.ocpp("I01.FR.03", "I02.FR.02", "I02.FR.03", "I06.FR.03")
async def tc_i_01_cs(panel: Panel) -> None:
    await _present(panel)
    for cost in (4.2, 5.35):
        told = {"totalCost": cost, "transactionId": panel.transaction}
        assert await panel.side.call("CostUpdated", **told) == {}
        assert (await panel.sees()).prices["cost"] == f"{cost:.2f} EUR"


@pytest.mark.ocpp("I03.FR.01", "I03.FR.03")
async def tc_i_02_cs(panel: Panel) -> None:
    await panel.charge()
    panel.words["Ended"] = {"totalCost": 7.77}
    await panel.leave()
    await panel.reads_price("total", "7.77 EUR")
    assert "cost" not in (await panel.sees()).prices


@pytest.mark.ocpp("I02.FR.04")
async def tc_i_07_cs(panel: Panel) -> None:
    await _present(panel)
    for cost in (1.1, 2.2):
        panel.words["Updated"] = {"totalCost": cost}
        await panel.reads_price("cost", f"{cost:.2f} EUR")


async def tc_o_01_cs(panel: Panel) -> None:
    wanted = message(1)
    assert await panel.show(wanted) == "Accepted"
    assert (await panel.sees()).messages == ("Message 1",)
    assert await panel.held(id=[1]) == [wanted]


async def tc_o_02_cs(panel: Panel) -> None:
    wanted = [message(number) for number in (1, 2)]
    for each in wanted:
        assert await panel.show(each) == "Accepted"
    assert await panel.held() == wanted


async def tc_o_03_cs(panel: Panel) -> None:
    assert await panel.held() == []


async def tc_o_04_cs(panel: Panel) -> None:
    assert await panel.show(message(1)) == "Accepted"
    assert await panel.clear(1) == "Accepted"
    assert await panel.held(id=[1]) == []
    assert (await panel.sees()).messages == ()


async def tc_o_05_cs(panel: Panel) -> None:
    assert await panel.clear(1) == "Unknown"


async def tc_o_06_cs(panel: Panel) -> None:
    running = await panel.charge()
    assert await panel.show(message(1, transactionId=running)) == "Accepted"
    assert (await panel.sees()).messages == ("Message 1",)
    await panel.leave()
    assert (await panel.sees()).messages == ()
    assert await panel.held(id=[1]) == []


async def tc_o_07_cs(panel: Panel) -> None:
    wanted = message(1)
    assert await panel.show(wanted) == "Accepted"
    assert await panel.show(message(2)) == "Accepted"
    assert await panel.held(id=[1]) == [wanted]


async def tc_o_08_cs(panel: Panel) -> None:
    wanted = message(1, "InFront")
    assert await panel.show(wanted) == "Accepted"
    assert await panel.show(message(2)) == "Accepted"
    assert await panel.held(priority="InFront") == [wanted]


async def tc_o_09_cs(panel: Panel) -> None:
    wanted = message(1, state="Idle")
    assert await panel.show(wanted) == "Accepted"
    assert await panel.show(message(2, state="Charging")) == "Accepted"
    assert await panel.held(state="Idle") == [wanted]


async def tc_o_10_cs(panel: Panel) -> None:
    assert await panel.show(message(1, transactionId=NOBODY)) == "UnknownTransaction"


async def tc_o_11_cs(panel: Panel) -> None:
    assert await panel.show(message(1)) == "Accepted"
    assert await panel.held(id=[2]) == []


async def tc_o_12_cs(panel: Panel) -> None:
    assert await panel.show(message(1)) == "Accepted"
    assert await panel.show(message(1, "InFront", content="Another")) == "Accepted"
    seen = await panel.sees()
    assert (seen.messages, seen.front) == (("Another",), ("Another",))


async def _shown_from(panel: Panel, start: str) -> None:
    """The message is shown at its start, and not before."""
    assert (await panel.sees()).messages == ()
    await panel.reads_messages("Message 1")
    assert datetime.now(UTC) >= datetime.fromisoformat(start)


async def _shown_until(panel: Panel, end: str) -> None:
    """The message is shown until its end, and not after it."""
    await panel.reads_messages("Message 1")
    await panel.reads_messages()
    assert datetime.now(UTC) >= datetime.fromisoformat(end)
    assert await panel.held(id=[1]) == []


async def tc_o_13_cs(panel: Panel) -> None:
    wanted = message(1, startDateTime=at(SOON))
    assert await panel.show(wanted) == "Accepted"
    assert await panel.held(id=[1]) == [wanted]
    await _shown_from(panel, wanted["startDateTime"])


async def tc_o_14_cs(panel: Panel) -> None:
    wanted = message(1, endDateTime=at(SOON))
    assert await panel.show(wanted) == "Accepted"
    assert await panel.held(id=[1]) == [wanted]
    await _shown_until(panel, wanted["endDateTime"])


async def tc_o_27_cs(panel: Panel) -> None:
    running = await panel.charge()
    wanted = message(1, startDateTime=at(SOON), transactionId=running)
    assert await panel.show(wanted) == "Accepted"
    await _shown_from(panel, wanted["startDateTime"])
    await panel.leave()
    assert (await panel.sees()).messages == ()
    assert await panel.held(id=[1]) == []


async def tc_o_28_cs(panel: Panel) -> None:
    running = await panel.charge()
    wanted = message(1, endDateTime=at(SOON), transactionId=running)
    assert await panel.show(wanted) == "Accepted"
    await _shown_until(panel, wanted["endDateTime"])


async def tc_o_19_cs(panel: Panel) -> None:
    for name in ("HTML", "URI"):
        wanted = message(1)
        wanted["message"]["format"] = name
        assert await panel.show(wanted) == "NotSupportedMessageFormat"


async def tc_o_20_cs(panel: Panel) -> None:
    wanted = message(1)
    assert await panel.show(wanted) == "Accepted"
    await panel.restart()
    assert await panel.held(id=[1]) == [wanted]
    await panel.reads_messages("Message 1")


async def _two(panel: Panel, priority: str, **fields: str) -> tuple[Payload, Payload]:
    """Two messages of a priority."""
    one, other = message(1, priority, **fields), message(2, priority, **fields)
    for each in (one, other):
        assert await panel.show(each) == "Accepted"
    return one, other


async def tc_o_22_cs(panel: Panel) -> None:
    one, other = await _two(panel, "InFront")
    assert sorted((await panel.sees()).front) == ["Message 1", "Message 2"]
    assert await panel.held(id=[1]) == [one]
    assert await panel.held(id=[2]) == [other]


async def tc_o_24_cs(panel: Panel) -> None:
    _, other = await _two(panel, "AlwaysFront")
    assert (await panel.sees()).messages == ("Message 2",)
    assert await panel.held(id=[1]) == []
    assert await panel.held(id=[2]) == [other]


async def tc_o_30_cs(panel: Panel) -> None:
    one, other = await _two(panel, "InFront", transactionId=await panel.charge())
    assert sorted((await panel.sees()).front) == ["Message 1", "Message 2"]
    assert await panel.held(id=[1]) == [one]
    assert await panel.held(id=[2]) == [other]
    await panel.leave()
    assert (await panel.sees()).messages == ()
    assert await panel.held(id=[1]) == []
    assert await panel.held(id=[2]) == []


async def tc_o_32_cs(panel: Panel) -> None:
    running = await panel.charge()
    assert await panel.show(message(1, "AlwaysFront", transactionId=running)) == "Accepted"
    assert (await panel.sees()).messages == ("Message 1",)
    other = message(2, "AlwaysFront", transactionId=running)
    assert await panel.show(other) == "Accepted"
    assert (await panel.sees()).messages == ("Message 2",)
    assert await panel.held(id=[1]) == []
    assert await panel.held(id=[2]) == [other]
    await panel.leave()
    assert (await panel.sees()).messages == ()
    assert await panel.held(id=[2]) == []


async def tc_o_33_cs(panel: Panel) -> None:
    assert await panel.held(id=[1]) == []


async def tc_o_34_cs(panel: Panel) -> None:
    assert await panel.show(message(1, state="Idle")) == "Accepted"
    assert await panel.held(id=[1], state="Charging") == []


async def tc_o_35_cs(panel: Panel) -> None:
    assert await panel.show(message(1, "NormalCycle")) == "Accepted"
    assert await panel.held(id=[1], priority="InFront") == []


async def tc_o_36_cs(panel: Panel) -> None:
    wanted = message(1, state="Charging")
    assert await panel.show(wanted) == "Accepted"
    assert (await panel.sees()).messages == ()
    await panel.charge()
    await panel.reads_messages("Message 1")
    await panel.leave()
    assert (await panel.sees()).messages == ()
    assert await panel.held(id=[1]) == [wanted]


async def tc_o_37_cs(panel: Panel) -> None:
    wanted = message(1, state="Idle")
    assert await panel.show(wanted) == "Accepted"
    assert (await panel.sees()).messages == ("Message 1",)
    await panel.charge()
    await panel.reads_messages()
    await panel.leave()
    assert (await panel.sees()).messages == ("Message 1",)
    assert await panel.held(id=[1]) == [wanted]


async def tc_o_38_cs(panel: Panel) -> None:
    wanted = message(1, state="Unavailable")
    assert await panel.show(wanted) == "Accepted"
    assert (await panel.sees()).messages == ()
    for status, connector, shown in (("Inoperative", "Unavailable", ("Message 1",)), ("Operative", "Available", ())):
        since = panel.both.world.news
        answer = await panel.side.call("ChangeAvailability", operationalStatus=status)
        assert answer["status"] == "Accepted"
        await panel.side.heard("StatusNotification", since, connectorStatus=connector)
        assert (await panel.sees()).messages == shown
    assert await panel.held(id=[1]) == [wanted]


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_i_01_cs, tc_i_02_cs, tc_i_07_cs, tc_o_01_cs, tc_o_13_cs, tc_o_14_cs, tc_o_19_cs, tc_o_20_cs, tc_o_22_cs,
        tc_o_24_cs, tc_o_36_cs, tc_o_37_cs, tc_o_38_cs, tc_o_12_cs, tc_o_06_cs, tc_o_10_cs, tc_o_27_cs, tc_o_28_cs,
        tc_o_30_cs, tc_o_32_cs, tc_o_02_cs, tc_o_03_cs, tc_o_07_cs, tc_o_08_cs, tc_o_09_cs, tc_o_11_cs, tc_o_33_cs,
        tc_o_34_cs, tc_o_35_cs, tc_o_04_cs, tc_o_05_cs,
    )
}  # fmt: skip
"""By id."""
