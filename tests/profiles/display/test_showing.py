"""What is to be shown now: for all states and messages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.station import StationState
from gateway.model.tokens import Token
from gateway.model.transactions import ChargingState, Transaction
from profiles.display.message import Condition, DisplayMessage, Priority
from profiles.display.showing import CYCLE, condition, showing
from tests.fakes.clock import START

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json

EVSES = (1, 2)
_STATUSES = (ConnectorStatus.AVAILABLE, ConnectorStatus.OCCUPIED, ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED)


def message(id_: int, priority: str = "NormalCycle", **more: str) -> DisplayMessage:
    """A message whose text is its number."""
    content: Json = {"format": "UTF8", "content": str(id_)}
    return DisplayMessage.of({"id": id_, "priority": priority, "message": content, **more})


def transaction(id_: str, evse: int, charging: ChargingState = ChargingState.CHARGING) -> Transaction:
    return Transaction(
        id=id_, number=evse, evse=evse, connector=1, started_at=START, last_at=START, token=Token(value="A"),
        charging_state=charging, charging_told=True,
    )  # fmt: skip


def station(statuses: dict[int, ConnectorStatus], *running: Transaction, reachable: bool = True) -> StationState:
    connectors = tuple(
        ConnectorState(evse=evse, connector=1, reported=status, at=START) for evse, status in statuses.items()
    )
    return StationState(id="CP-1", reachable=reachable, connectors=connectors, transactions=running)


_times = st.sampled_from([None, *(timedelta(seconds=s) for s in (-60, -1, 0, 1, 60))])
_messages = st.lists(
    st.builds(
        lambda id_, priority, state, start, end, tx: message(
            id_,
            priority,
            **({"state": state} if state else {}),
            **({"startDateTime": (START + start).isoformat()} if start is not None else {}),
            **({"endDateTime": (START + end).isoformat()} if end is not None else {}),
            **({"transactionId": tx} if tx else {}),
        ),
        st.integers(0, 9), st.sampled_from(Priority), st.sampled_from([None, *Condition]), _times, _times,
        st.sampled_from([None, "tx-1", "tx-2", "gone"]),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)  # fmt: skip
_stations = st.builds(
    lambda one, two, running: station({1: one, 2: two}, *(transaction(f"tx-{evse}", evse) for evse in running)),
    st.sampled_from(_STATUSES), st.sampled_from(_STATUSES), st.sets(st.sampled_from(EVSES)),
)  # fmt: skip


def visible(messages: list[DisplayMessage], state: StationState, now: datetime, evse: int) -> list[int]:
    """The numbers that somebody in front of an EVSE sees, from the top."""
    return [int(notice.text) for notice in showing(messages, state, now) if notice.evse in {0, evse}]


def wanted(messages: list[DisplayMessage], state: StationState, evse: int) -> set[int]:
    """As the standard has it, one message after the other, at START."""
    due: list[DisplayMessage] = []
    for each in messages:
        in_time = (each.start is None or each.start <= START) and (each.end is None or each.end > START)
        here = each.condition is None or each.condition is condition(state, evse)
        running = each.transaction is None or (
            each.transaction == f"tx-{evse}" and state.transaction(each.transaction) is not None
        )
        if in_time and here and running:
            due.append(each)
    return {each.id for each in due if each.priority is Priority.ALWAYS_FRONT} or {each.id for each in due}


@given(_messages, _stations)
def test_an_evse_shows_what_is_due_there_and_nothing_else(messages: list[DisplayMessage], state: StationState) -> None:
    for evse in EVSES:
        shown = visible(messages, state, START, evse)
        assert set(shown) == wanted(messages, state, evse)
        assert len(shown) == len(set(shown))


@given(_messages, _stations)
def test_what_is_in_front_comes_first(messages: list[DisplayMessage], state: StationState) -> None:
    priority = {each.id: list(Priority).index(each.priority) for each in messages}
    for place in (0, *EVSES):
        ranks = [priority[int(n.text)] for n in showing(messages, state, START) if n.evse == place]
        assert ranks == sorted(ranks)


@given(_messages, _stations, st.integers(1, 8))
def test_each_leads_its_group_in_turn(messages: list[DisplayMessage], state: StationState, rounds: int) -> None:
    endless = [each for each in messages if each.start is None and each.end is None]
    for priority in Priority:
        group = [each for each in endless if each.priority is priority]
        leading: dict[int, set[str]] = {}
        members: dict[int, set[str]] = {}
        for turn in range(len(group) * rounds):
            seen: set[int] = set()
            for notice in showing(group, state, START + timedelta(seconds=CYCLE * turn)):
                members.setdefault(notice.evse, set()).add(notice.text)
                if notice.evse not in seen:
                    leading.setdefault(notice.evse, set()).add(notice.text)
                seen.add(notice.evse)
        if rounds >= len(group):
            assert leading == members


class TestCondition:
    """The state of an EVSE as a message means it."""

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (ConnectorStatus.AVAILABLE, Condition.IDLE),
            (ConnectorStatus.OCCUPIED, Condition.IDLE),
            (ConnectorStatus.RESERVED, Condition.IDLE),
            (ConnectorStatus.UNAVAILABLE, Condition.UNAVAILABLE),
            (ConnectorStatus.FAULTED, Condition.FAULTED),
        ],
    )
    def test_of_an_evse_without_a_transaction(self, status: ConnectorStatus, expected: Condition) -> None:
        assert condition(station({1: status}), 1) is expected

    def test_while_energy_flows(self) -> None:
        assert condition(station({1: ConnectorStatus.OCCUPIED}, transaction("t", 1)), 1) is Condition.CHARGING

    def test_a_pause_is_no_charging(self) -> None:
        paused = transaction("t", 1, ChargingState.SUSPENDED_EV)
        assert condition(station({1: ConnectorStatus.OCCUPIED}, paused), 1) is Condition.IDLE

    def test_a_station_that_does_not_tell_charges_while_it_has_a_transaction(self) -> None:
        silent = Transaction(
            id="t", number=1, evse=1, connector=1, started_at=START, last_at=START, token=Token(value="A")
        )
        assert condition(station({1: ConnectorStatus.OCCUPIED}, silent), 1) is Condition.CHARGING

    def test_a_station_that_is_not_reached_is_unavailable(self) -> None:
        assert condition(station({1: ConnectorStatus.AVAILABLE}, reachable=False), 1) is Condition.UNAVAILABLE


def test_what_is_shown_at_every_evse_is_shown_once() -> None:
    state = station(dict.fromkeys(EVSES, ConnectorStatus.AVAILABLE))
    (notice,) = showing([message(1)], state, START)
    assert notice.evse == 0


def test_a_station_without_a_connector_shows_what_is_for_all() -> None:
    (notice,) = showing([message(1)], StationState(id="CP-1"), START)
    assert notice.evse == 0
