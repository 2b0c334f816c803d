"""Alerts from a sensor to all who are told: the backend with what follows from what, the page, a broker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from tests.adapters.mqtt.broker import broker, station
from tests.e2e.certification.watcher import EVSE, STATION, Watcher, delta, of
from tests.e2e.pair import pair
from tests.e2e.test_sensors import FLOOD, SITE, Cabinet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

TRIPPED = of(FLOOD, "Tripped")


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(tmp_path / "hwmon")


@pytest.fixture
async def watcher(tmp_path: Path, cabinet: Cabinet) -> AsyncIterator[Watcher]:
    del cabinet
    async with pair(tmp_path, more=SITE.format(folder=tmp_path / "hwmon")) as both:
        yield Watcher(both=both, side=both.sides[0])


async def told(watcher: Watcher, where: Payload, since: int, **fields: Any) -> Payload:
    """Wait for an event about a variable."""

    def found() -> list[Payload]:
        events = [each for page in watcher.side.received("NotifyEvent", since) for each in page["eventData"]]
        wanted = {**where, **fields}
        return [each for each in events if all(each.get(name) == value for name, value in wanted.items())]

    await watcher.side.until(lambda: bool(found()))
    return found()[0]


async def alert_of(watcher: Watcher, where: Payload) -> int:
    """The number of the alert of the site file about a variable."""
    (monitor,) = await watcher.monitors(where)
    return int(monitor["variableMonitoring"][0]["id"])


@pytest.mark.ocpp("N07.FR.05")
async def test_what_follows_from_an_alert_names_its_event(watcher: Watcher, cabinet: Cabinet) -> None:
    alert = await alert_of(watcher, of(FLOOD, "Active"))
    evse, whole = (
        await watcher.monitor(delta(EVSE)),
        await watcher.monitor(delta(STATION, variable={"name": "Problem"})),
    )
    transaction = await watcher.charge()
    since = watcher.news
    cabinet.contact(0, closed=True)
    water = await watcher.event(alert, since)
    fault = await told(watcher, TRIPPED, since, actualValue="true")
    status, problem = await watcher.event(evse, since), await watcher.event(whole, since)
    assert "cause" not in water
    assert water["techInfo"] == fault["techInfo"] == "water in the cabinet"
    assert fault["cause"] == water["eventId"]
    assert (status["actualValue"], status["cause"]) == ("Faulted", fault["eventId"])
    # The stop goes out before anything is told, so the events may find the transaction running or over.
    ended = await watcher.side.heard("TransactionEvent", since, eventType="Ended")
    assert ended["transactionInfo"]["transactionId"] == transaction
    assert ended["triggerReason"] == "AbnormalCondition"
    assert problem["cause"] == fault["eventId"]
    since = watcher.news
    cabinet.contact(0, closed=False)
    dry = await watcher.event(alert, since, cleared=True)
    over = await told(watcher, TRIPPED, since, cleared=True)
    assert over["cause"] == dry["eventId"]
    assert (await watcher.event(evse, since))["cause"] == over["eventId"]


async def test_without_an_alert_there_is_no_cause(watcher: Watcher, cabinet: Cabinet) -> None:
    alert = await alert_of(watcher, of(FLOOD, "Active"))
    assert await watcher.side.set({"name": "MonitoringCtrlr"}, "Enabled", "false") == "Accepted"
    since = watcher.news
    cabinet.contact(0, closed=True)
    assert "cause" not in await told(watcher, TRIPPED, since)
    assert watcher.events(alert, since) == []


async def test_a_contact_is_raised_and_cleared(watcher: Watcher, cabinet: Cabinet) -> None:
    alert, since = await alert_of(watcher, of({"name": "CaseAccessSensor"}, "Active")), watcher.news
    for closed in (True, False, True):
        cabinet.contact(1, closed=closed)
        await told(watcher, {}, since, variableMonitoringId=alert, actualValue=str(closed).lower())
        events = watcher.events(alert, since)
        assert [(each["actualValue"], each.get("cleared", False)) for each in events] == [
            (str(closed).lower(), not closed)
        ]
        since = watcher.news


async def test_the_page_and_a_broker_know_what_stands(tmp_path: Path, cabinet: Cabinet) -> None:
    prefix = "garage"
    async with broker(tmp_path) as at, station(at.port) as reader:
        reader.listen(f"{prefix}/#")
        site = f'{SITE.format(folder=tmp_path / "hwmon")}\n[alerts.mqtt]\nbroker = "127.0.0.1:{at.port}"\nprefix = "{prefix}"\n'
        async with pair(tmp_path, more=site) as both, ClientSession(both.page) as browser:
            identity = both.sides[0].identity
            name = f"{prefix}/{identity}/FloodSensor/Active"
            assert await reader.heard(f"{prefix}/status") == b"online"
            cabinet.contact(0, closed=True)
            cabinet.break_off()
            alert = json.loads(await reader.heard(name))
            assert (alert["severity"], alert["message"], alert["value"]) == (2, "water in the cabinet", "true")
            lost = json.loads(await reader.heard(f"{prefix}/{identity}/TemperatureSensor/Problem"))
            assert lost["kind"] == "lost"
            async with browser.get(f"/station/{identity}?lang=de") as response:
                text = await response.text()
            assert text.index("water in the cabinet") < text.index("liefert nichts Brauchbares")
            reader.told.clear()
            cabinet.contact(0, closed=False)
            assert await reader.heard(name) == b""
            async with browser.get(f"/station/{identity}") as response:
                assert "water in the cabinet" not in await response.text()
            reader.told.clear()
        assert await reader.heard(f"{prefix}/status") == b"offline"
