"""The stations at run time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.fleet import STRANGERS_KEPT, WORDS_KEPT, Fleet, Member, first_state
from gateway.model.device import LEGACY_STATION, DataType, Mutability, VariableRef, VariableSpec, VariableStatus
from gateway.model.events import StationVariable
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.station import StationState
from gateway.model.tokens import Authorization, AuthorizationStatus, Token
from tests.fakes.adapter import ScriptedAdapter
from tests.fakes.clock import START

BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)
ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
REF = VariableRef(component="OCPPCommCtrlr", variable="HeartbeatInterval")
TIMEOUT = VariableRef(component="TxCtrlr", variable="EVConnectionTimeOut")
SPEC = VariableSpec(ref=REF, type=DataType.INTEGER, default="300")


def member(station: str = "CP-1") -> Member:
    return Member(id=station, adapter_name="scripted", adapter=ScriptedAdapter(), state=StationState(id=station))


def test_the_last_word_on_a_token_counts_whatever_its_case() -> None:
    one = member()
    one.note_word(Token(value="AB"), ACCEPTED)
    one.note_word(Token(value="ab"), BLOCKED)
    assert one.last_word == {"ab": BLOCKED}


def test_only_so_many_words_are_kept_the_latest() -> None:
    one = member()
    for number in range(WORDS_KEPT + 5):
        one.note_word(Token(value=f"T{number}"), ACCEPTED)
    assert len(one.last_word) == WORDS_KEPT
    assert "t0" not in one.last_word


def test_a_station_that_the_site_has_not_is_none() -> None:
    with pytest.raises(KeyError):
        Fleet([member()]).member("CP-2")


def test_the_device_model_follows_what_it_stands_on() -> None:
    one = member()
    fleet = Fleet([one])
    built: list[StationState] = []

    def specs(state: StationState) -> list[VariableSpec]:
        built.append(state)
        return [SPEC]

    fleet.describe_by(specs)
    assert fleet.device("CP-1").value(REF) == "300"
    fleet.set_value("CP-1", REF, "60")
    assert fleet.device("CP-1").value(REF) == "60"
    fleet.take(one, replace(one.state, reachable=not one.state.reachable), None)
    fleet.device("CP-1")
    assert len(built) == 1, "nothing that it stands on has changed"
    connector = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.AVAILABLE, at=START)
    fleet.take(one, one.state.with_connector(connector), None)
    assert fleet.device("CP-1").value(REF) == "60"
    assert len(built) == 2


def test_a_setting_that_the_station_no_longer_has_goes_back_to_the_box() -> None:
    one, other = member(), VariableRef(component=LEGACY_STATION, variable="X")
    fleet = Fleet([one])
    fleet.describe_by(lambda _: [SPEC, replace(SPEC, ref=TIMEOUT, default="60", mutability=Mutability.READ_WRITE)])
    held = StationVariable(
        key="Held", component=TIMEOUT.component, variable=TIMEOUT.variable, value="90", read_only=False
    )
    extra = StationVariable(key="X", component=LEGACY_STATION, variable="X", value="1", read_only=False)
    fleet.take(one, one.state, (held, extra))
    assert (fleet.device("CP-1").station_key(TIMEOUT), fleet.device("CP-1").value(TIMEOUT)) == ("Held", "90")
    fleet.set_value("CP-1", REF, "5")
    fleet.take(one, one.state, ())
    device = fleet.device("CP-1")
    assert device.station_key(TIMEOUT) is None
    assert device.value(TIMEOUT) == "60"
    assert device.value(REF) == "5"
    assert device.get(other).status is VariableStatus.UNKNOWN_COMPONENT


def test_strangers_are_counted_and_only_so_many_kept() -> None:
    fleet = Fleet([])
    for number in range(STRANGERS_KEPT + 1):
        fleet.note_stranger(f"X{number}", "10.0.0.9", START)
    fleet.note_stranger("X1", "10.0.0.9", START)
    kept = fleet.strangers()
    assert len(kept) == STRANGERS_KEPT
    assert (kept[-1].claimed_identity, kept[-1].count) == ("X1", 2)
    assert "X0" not in {stranger.claimed_identity for stranger in kept}


def test_the_first_state_has_every_connector_of_the_site() -> None:
    known = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.OCCUPIED, at=START, operative=False)
    stored = StationState(id="CP-1", connectors=(known,))
    state = first_state("CP-1", {1: (1, 1), 2: (2, 1)}, stored, START)
    assert state.connector(1) == known
    fresh = state.connector(2)
    assert fresh is not None
    assert fresh.reported is ConnectorStatus.AVAILABLE
    assert first_state("CP-1", {}, None, START) == StationState(id="CP-1")
