"""The cases of the profile Advanced Device Management, each as a function of its name (Part 6, TC_B and TC_N)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.certification.watcher import AVAILABILITY, EVSE, POWER, STATION, delta, of, threshold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.e2e.certification.watcher import Watcher

    Case = Callable[[Watcher], Awaitable[None]]

ITEMS = {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}
LEAST, LOW, HIGH = 10.0, 100.0, 22_000.0
"""W: what is below every charge, what every charge exceeds, and what none does."""


async def tc_b_16_cs(watcher: Watcher) -> None:
    told = await watcher.report(criteria=("Enabled",))
    flags = [item for item in told if item["variable"]["name"] == "Enabled"]
    assert flags
    assert {item["variableAttribute"][0]["value"] for item in flags} == {"true"}
    assert all("variableCharacteristics" in item for item in told)
    asked = [{"component": item["component"], "variable": item["variable"]} for item in flags]
    answer = await watcher.side.call("GetVariables", getVariableData=asked)
    found = {(result["attributeStatus"], result["attributeValue"]) for result in answer["getVariableResult"]}
    assert found == {("Accepted", "true")}


async def tc_b_17_cs(watcher: Watcher) -> None:
    (item,) = await watcher.report(of(EVSE))
    assert (item["component"], item["variable"]["name"]) == (EVSE, AVAILABILITY)
    assert item["variableCharacteristics"]["dataType"] == "OptionList"
    names = {name.strip() for name in item["variableCharacteristics"]["valuesList"].split(",")}
    assert names == {"Available", "Occupied", "Reserved", "Unavailable", "Faulted"}
    (attribute,) = item["variableAttribute"]
    assert (attribute["mutability"], attribute.get("type", "Actual")) == ("ReadOnly", "Actual")


async def tc_b_18_cs(watcher: Watcher) -> None:
    (item,) = await watcher.report(of(EVSE), criteria=("Available",))
    assert item["variable"]["name"] == AVAILABILITY
    assert await watcher.report(of(EVSE), criteria=("Problem",)) == []


async def tc_b_54_cs(watcher: Watcher) -> None:
    told = await watcher.report(ITEMS)
    assert {item["variable"]["name"] for item in told} == {"ItemsPerMessage"}
    assert {item["variable"]["instance"] for item in told} >= {"GetReport", "GetVariables"}


async def tc_b_55_cs(watcher: Watcher) -> None:
    one = {**ITEMS, "variable": {"name": "ItemsPerMessage", "instance": "GetReport"}}
    (item,) = await watcher.report(one)
    assert item["variable"] == one["variable"]


async def tc_b_56_cs(watcher: Watcher) -> None:
    told = await watcher.report(of({"name": "EVSE"}))
    assert [item["component"]["evse"]["id"] for item in told] == [1]


async def tc_n_01_cs(watcher: Watcher) -> None:
    await watcher.monitor(delta())
    await watcher.monitor(delta(type="Periodic", value=300))
    await watcher.monitor(delta(type="PeriodicClockAligned", value=300))
    await watcher.monitor(threshold(LOW, "LowerThreshold"))
    asked = {
        ("ThresholdMonitoring",): {"UpperThreshold", "LowerThreshold"},
        ("ThresholdMonitoring", "DeltaMonitoring"): {"UpperThreshold", "LowerThreshold", "Delta"},
        ("DeltaMonitoring", "PeriodicMonitoring"): {"Delta", "Periodic", "PeriodicClockAligned"},
    }
    for criteria, kinds in asked.items():
        told = await watcher.monitors(criteria=criteria)
        assert {each["type"] for item in told for each in item["variableMonitoring"]} == kinds


async def tc_n_02_cs(watcher: Watcher) -> None:
    await watcher.ask_for(delta(STATION), delta())
    told = await watcher.monitors(of(STATION), {"component": EVSE})
    availability = [item for item in told if item["variable"]["name"] == AVAILABILITY]
    assert {item["component"]["name"] for item in availability} == {"ChargingStation", "EVSE"}
    assert {each["type"] for item in availability for each in item["variableMonitoring"]} == {"Delta"}


async def tc_n_03_cs(watcher: Watcher) -> None:
    await watcher.ask_for(delta(STATION), delta())
    places = (of(STATION), of(EVSE))
    assert await watcher.monitors(*places, criteria=("ThresholdMonitoring",)) == []
    told = await watcher.monitors(*places, criteria=("DeltaMonitoring",))
    assert sorted((item["component"] for item in told), key=str) == sorted((STATION, EVSE), key=str)
    assert {each["type"] for item in told for each in item["variableMonitoring"]} == {"Delta"}


async def tc_n_47_cs(watcher: Watcher) -> None:
    await watcher.ask_for(delta(STATION), delta())
    told = [item for item in await watcher.monitors() if item["variable"]["name"] == AVAILABILITY]
    assert {item["component"]["name"] for item in told} == {"ChargingStation", "EVSE"}


async def tc_n_05_cs(watcher: Watcher) -> None:
    for base in ("All", "FactoryDefault", "HardWiredOnly"):
        assert await watcher.base(base) == "Accepted"


async def tc_n_06_cs(watcher: Watcher) -> None:
    await watcher.monitor(delta(STATION))
    assert len(await watcher.monitors(of(STATION))) == 1
    assert await watcher.base("HardWiredOnly") == "Accepted"
    assert await watcher.monitors(of(STATION)) == []


async def tc_n_08_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(delta())
    (item,) = await watcher.monitors(of(EVSE))
    (found,) = item["variableMonitoring"]
    assert (found["id"], found["type"], found["severity"], found["value"]) == (id_, "Delta", 8, 1)


async def tc_n_09_cs(watcher: Watcher) -> None:
    results = await watcher.ask_for(delta(), delta(STATION))
    assert [result["status"] for result in results] == ["Accepted", "Accepted"]
    assert len(await watcher.monitors(of(EVSE), of(STATION))) == 2


async def tc_n_10_cs(watcher: Watcher) -> None:
    results = await watcher.ask_for(delta(severity=8), delta(severity=7))
    assert [result["status"] for result in results] == ["Accepted", "Accepted"]
    assert results[0]["id"] != results[1]["id"]


async def tc_n_11_cs(watcher: Watcher) -> None:
    nobody = delta({"name": "NonExistent"}, variable={"name": POWER}, type="UpperThreshold", value=1234.0)
    results = await watcher.ask_for(delta({"name": "EVSE", "evse": {"id": 99}}), nobody)
    assert [result["status"] for result in results] == ["UnknownComponent", "UnknownComponent"]


async def tc_n_12_cs(watcher: Watcher) -> None:
    for result in await watcher.ask_for(delta(value=-1), threshold(-1.0, "Delta")):
        assert (result["status"], result["statusInfo"]["reasonCode"]) == ("Rejected", "ValueOutOfRange")


async def tc_n_13_cs(watcher: Watcher) -> None:
    (result,) = await watcher.ask_for(threshold(10_000_000.0))
    assert (result["status"], result["statusInfo"]["reasonCode"]) == ("Rejected", "ValueOutOfRange")


async def tc_n_15_cs(watcher: Watcher) -> None:
    results = await watcher.ask_for(delta(), delta())
    assert [result["status"] for result in results] == ["Accepted", "Duplicate"]


async def tc_n_24_cs(watcher: Watcher) -> None:
    since = watcher.news
    id_ = await watcher.monitor(delta(type="Periodic", value=1))
    await watcher.side.until(lambda: len(watcher.events(id_, since)) >= 2)
    for event in watcher.events(id_, since):
        assert (event["trigger"], event["component"]) == ("Periodic", EVSE)


async def tc_n_37_cs(watcher: Watcher) -> None:
    (result,) = await watcher.ask_for(delta(variable={"name": "unknownVariable"}))
    assert result["status"] == "UnknownVariable"


async def tc_n_39_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(delta())
    for other in (threshold(LOW, id=id_, component=STATION), threshold(LOW, "Delta", id=id_)):
        (result,) = await watcher.ask_for(other)
        assert result["status"] == "Rejected"
    (item,) = await watcher.monitors(of(EVSE))
    assert [(each["id"], each["type"], each["value"]) for each in item["variableMonitoring"]] == [(id_, "Delta", 1)]


async def tc_n_40_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(delta(severity=5))
    assert await watcher.monitor(delta(severity=4, id=id_)) == id_
    (item,) = await watcher.monitors(of(EVSE), criteria=("DeltaMonitoring",))
    assert [each["severity"] for each in item["variableMonitoring"]] == [4]


async def tc_n_41_cs(watcher: Watcher) -> None:
    where = of(EVSE, POWER)
    before, hard_wired = (await watcher.monitors(where))[0]["variableMonitoring"]
    other = threshold(before["value"], id=before["id"], severity=before["severity"] + 1)
    assert await watcher.monitor(other) == before["id"]
    watcher.made.clear()
    changed, _ = (await watcher.monitors(where))[0]["variableMonitoring"]
    assert changed["severity"] == before["severity"] + 1
    assert await watcher.base("FactoryDefault") == "Accepted"
    assert (await watcher.monitors(where))[0]["variableMonitoring"] == [before, hard_wired]


async def tc_n_43_cs(watcher: Watcher) -> None:
    results = await watcher.ask_for(threshold(HIGH), threshold(-1.0, "Delta"), threshold(LOW, "LowerThreshold"))
    assert [result["status"] for result in results] == ["Accepted", "Rejected", "Accepted"]


async def tc_n_51_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(threshold(HIGH))
    since = watcher.news
    await watcher.charge()
    assert await watcher.monitor(threshold(LOW, id=id_)) == id_
    event = await watcher.event(id_, since)
    assert event["trigger"] == "Alerting"
    assert float(event["actualValue"]) > LOW


async def tc_n_52_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(threshold(LOW))
    since = watcher.news
    await watcher.charge()
    await watcher.event(id_, since)
    assert await watcher.clear(id_) == [(id_, "Accepted")]
    told = await watcher.monitors(of(EVSE, POWER))
    assert id_ not in {each["id"] for item in told for each in item["variableMonitoring"]}
    since = watcher.news
    await watcher.plug(into=False)
    assert watcher.events(id_, since) == []


async def tc_n_16_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(delta(severity=8))
    assert (await watcher.side.call("SetMonitoringLevel", severity=7))["status"] == "Accepted"
    since = watcher.news
    await watcher.plug()
    assert watcher.events(id_, since) == []


async def tc_n_17_cs(watcher: Watcher) -> None:
    for level in (10, -1):
        answer = await watcher.side.call("SetMonitoringLevel", severity=level)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "ValueOutOfRange")


async def tc_n_18_cs(watcher: Watcher) -> None:
    one, other = [result["id"] for result in await watcher.ask_for(delta(STATION), delta())]
    assert sorted(await watcher.clear(one, other)) == [(one, "Accepted"), (other, "Accepted")]
    assert await watcher.monitors(of(STATION), of(EVSE)) == []


async def tc_n_19_cs(watcher: Watcher) -> None:
    assert await watcher.clear(123_456) == [(123_456, "NotFound")]


async def tc_n_20_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(threshold(LOW))
    since = watcher.news
    running = await watcher.charge()
    event = await watcher.event(id_, since)
    assert (event["trigger"], event["transactionId"]) == ("Alerting", running)
    assert float(event["actualValue"]) > LOW
    lower = await watcher.monitor(threshold(LEAST, "LowerThreshold"))
    assert watcher.events(lower, since) == []
    await watcher.both.world.station.sim.ev_pause(1)
    over = await watcher.event(id_, since, cleared=True)
    assert (over["trigger"], over["transactionId"]) == ("Alerting", running)
    assert over["eventNotificationType"] == "CustomMonitor"
    assert float(over["actualValue"]) <= LOW
    below = await watcher.event(lower, since)
    assert (below["trigger"], below["transactionId"], below["component"]) == ("Alerting", running, EVSE)
    assert float(below["actualValue"]) < LEAST


async def tc_n_21_cs(watcher: Watcher) -> None:
    sim, since = watcher.both.world.station.sim, watcher.news
    await sim.fault(1, "GroundFailure")
    told = await watcher.side.heard("NotifyEvent", since)
    assert (told["seqNo"], told["eventData"][0]["eventNotificationType"]) == (0, "HardWiredNotification")
    await sim.clear_fault(1)
    await watcher.side.heard("StatusNotification", since, connectorStatus="Available")


async def tc_n_44_cs(watcher: Watcher) -> None:
    assert await watcher.base("HardWiredOnly") == "Accepted"
    before = await watcher.monitors()
    number = before[0]["variableMonitoring"][0]["id"]
    assert await watcher.clear(number) == [(number, "Rejected")]
    assert await watcher.monitors() == before


async def tc_n_45_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(threshold(LOW, "Delta"))
    since = watcher.news
    await watcher.charge()
    event = await watcher.event(id_, since)
    assert (event["trigger"], event["variable"]["name"]) == ("Delta", POWER)


async def tc_n_53_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(threshold(HIGH))
    since = watcher.news
    assert (await watcher.side.call("Reset", type="Immediate"))["status"] == "Accepted"
    await watcher.side.heard("BootNotification", since)
    await watcher.side.heard("StatusNotification", since)
    told = await watcher.monitors(criteria=("ThresholdMonitoring",))
    kinds = {each["id"]: each["type"] for item in told for each in item["variableMonitoring"]}
    assert kinds[id_] == "UpperThreshold"


async def tc_n_56_cs(watcher: Watcher) -> None:
    id_ = await watcher.monitor(delta())
    since = watcher.news
    await watcher.plug()
    event = await watcher.event(id_, since)
    assert (event["trigger"], event["component"], event["variable"]["name"]) == ("Delta", EVSE, AVAILABILITY)


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_b_16_cs, tc_b_17_cs, tc_b_18_cs, tc_b_54_cs, tc_b_55_cs, tc_b_56_cs, tc_n_01_cs, tc_n_02_cs, tc_n_03_cs,
        tc_n_47_cs, tc_n_05_cs, tc_n_06_cs, tc_n_08_cs, tc_n_09_cs, tc_n_10_cs, tc_n_11_cs, tc_n_12_cs, tc_n_13_cs,
        tc_n_15_cs, tc_n_24_cs, tc_n_37_cs, tc_n_39_cs, tc_n_40_cs, tc_n_41_cs, tc_n_43_cs, tc_n_44_cs, tc_n_51_cs, tc_n_52_cs,
        tc_n_16_cs, tc_n_17_cs, tc_n_18_cs, tc_n_19_cs, tc_n_20_cs, tc_n_21_cs, tc_n_45_cs, tc_n_53_cs, tc_n_56_cs,
    )
}  # fmt: skip
"""By id."""
