"""What a station is asked for a limit, and when it counts as taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from gateway.actuation.hands import Fitted
from gateway.actuation.limiter import Limiter
from gateway.config.control import ControlKeys, DataTransfer
from gateway.model.commands import (
    ACCEPTED,
    Command,
    Outcome,
    ReadVariables,
    SetLimit,
    SetVariable,
    VendorRequest,
    Verdict,
)
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability, StationState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = "AT-1"
ALL = frozenset({Capability.CONFIGURATION_READ, Capability.CONFIGURATION_WRITE})


@dataclass(kw_only=True)
class FakeHands:
    """A box with one station that shows ``keys`` and answers as it is told."""

    keys: dict[str, str] = field(default_factory=dict)
    answers: dict[type[Command], Outcome] = field(default_factory=dict)
    capabilities: frozenset[Capability] = ALL
    obeys: bool = True
    asked: list[object] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        return NOW

    def station(self, station: str) -> StationState:
        connectors = tuple(
            ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.AVAILABLE, at=NOW) for evse in (1, 2)
        )
        return StationState(id=station, capabilities=self.capabilities, connectors=connectors)

    async def execute(self, command: Command) -> Outcome:
        return await self.ask(command)

    async def ask(self, command: Command) -> Outcome:
        self.asked.append(command)
        if isinstance(command, ReadVariables):
            return replace(ACCEPTED, data=self.keys.get(command.keys[0]))
        if isinstance(command, SetVariable) and self.obeys and SetVariable not in self.answers:
            self.keys[command.key] = command.value
        return self.answers.get(type(command), ACCEPTED)

    async def turn(self, output: str, *, on: bool) -> Outcome:
        self.asked.append((output, on))
        return ACCEPTED

    async def drive(self, output: str, value: float) -> Outcome:
        self.asked.append((output, value))
        return ACCEPTED

    async def notes(self, station: str) -> dict[str, str]:
        del station
        return self.kept

    async def note(self, station: str, name: str, value: str) -> None:
        del station
        self.kept[name] = value

    def written(self) -> list[str]:
        return [each.value for each in self.asked if isinstance(each, SetVariable)]


def limiter(hands: FakeHands, control: ControlKeys) -> Limiter:
    return Limiter([Fitted(control=control, station=ID, evse=1, number=3, phases=3, rated=32.0)], hands)


async def limited(this: Limiter, current: float | None, evse: int = 1) -> Outcome:
    return await this.set_limit(SetLimit(place=Place(station=ID, evse=evse), current=current))


KEY = ControlKeys(key="Max{connector}")


async def test_a_key_is_written_and_read_back() -> None:
    hands = FakeHands(keys={"Max3": "32"})
    assert (await limited(limiter(hands, KEY), 13.5)).accepted
    assert hands.keys == {"Max3": "13"}


async def test_what_is_there_already_is_not_written_again() -> None:
    hands = FakeHands(keys={"Max3": "13"})
    this = limiter(hands, KEY)
    assert (await limited(this, 13.0)).accepted
    assert (await limited(this, 13.9)).accepted
    assert hands.written() == []
    hands.keys["Max3"] = "32"  # somebody has changed it at the station
    assert (await limited(this, 13.0)).accepted
    assert hands.written() == ["13"]


async def test_a_limit_that_is_not_there_does_not_count() -> None:
    hands = FakeHands(keys={"Max3": "32"}, obeys=False)
    outcome = await limited(limiter(hands, KEY), 13.0)
    assert outcome.verdict is Verdict.REJECTED
    assert "is 32, not 13" in outcome.reason


async def test_a_key_that_counts_only_after_a_restart_does_not_count() -> None:
    hands = FakeHands(answers={SetVariable: Outcome(verdict=Verdict.REBOOT_REQUIRED)})
    assert (await limited(limiter(hands, KEY), 13.0)).verdict is Verdict.REJECTED


@pytest.mark.parametrize("capabilities", [ALL, frozenset({Capability.CONFIGURATION_WRITE})])
async def test_a_station_that_shows_nothing_is_believed(capabilities: frozenset[Capability]) -> None:
    hands = FakeHands(obeys=False, capabilities=capabilities)
    assert (await limited(limiter(hands, KEY), 13.0)).accepted
    assert hands.written() == ["13"]


async def test_without_a_limit_the_outlet_has_what_its_wiring_allows() -> None:
    hands = FakeHands(keys={"Max3": "6"})
    assert (await limited(limiter(hands, KEY), None)).accepted
    assert (await limited(limiter(hands, KEY), 63.0)).accepted
    assert hands.keys == {"Max3": "32"}


async def test_a_message_has_to_be_answered_as_it_should() -> None:
    control = ControlKeys(
        data_transfer=DataTransfer(vendor="v", message="m", data="{connector}={current}", answer="ok")
    )
    hands = FakeHands(answers={VendorRequest: replace(ACCEPTED, data="OK")})
    assert (await limited(limiter(hands, control), 13.0)).accepted
    assert hands.asked == [VendorRequest(station=ID, vendor="v", message="m", data="3=13")]
    hands.answers[VendorRequest] = replace(ACCEPTED, data="no")
    assert (await limited(limiter(hands, control), 13.0)).verdict is Verdict.REJECTED


async def test_a_contactor_is_closed_only_where_all_is_allowed_that_flows() -> None:
    hands = FakeHands()
    this = limiter(hands, ControlKeys(output="io/relay", draws=16.0))
    for current in (15.9, 16.0, None, 0.0):
        assert (await limited(this, current)).accepted
    assert hands.asked == [("io/relay", False), ("io/relay", True), ("io/relay", True), ("io/relay", False)]
    inverted = limiter(hands, ControlKeys(output="io/relay", inverted=True))
    assert (await limited(inverted, None)).accepted
    assert hands.asked[-1] == ("io/relay", False)


async def test_a_pilot_gets_its_duty_cycle() -> None:
    hands = FakeHands()
    assert (await limited(limiter(hands, ControlKeys(pwm="io/out", full=10.0)), 30.0)).accepted
    assert hands.asked == [("io/out", 5.0)]


async def test_what_has_no_means_is_left_to_the_station_if_it_limits_itself() -> None:
    hands = FakeHands()
    this = limiter(hands, KEY)
    assert this.found(ALL) == ALL | {Capability.SMART_CHARGING}
    assert (await limited(this, 13.0, evse=2)).verdict is Verdict.UNSUPPORTED
    this.found(ALL | {Capability.SMART_CHARGING})
    assert (await limited(this, 13.0, evse=2)).accepted
    assert hands.asked == [SetLimit(place=Place(station=ID, evse=2), current=13.0)]


def test_what_can_only_be_switched_is_no_smart_charging() -> None:
    this = limiter(FakeHands(), ControlKeys(output="io/relay"))
    assert this.found(ALL) == ALL | {Capability.ON_OFF}
    assert this.independent(1)
    assert not limiter(FakeHands(), KEY).independent(1)
