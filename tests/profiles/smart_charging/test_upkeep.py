"""What is kept follows the transactions, whatever they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.charging import Purpose
from gateway.model.station import Capability, StationState
from gateway.model.transactions import ChargingState, Transaction
from profiles.smart_charging.book import Holdings, Installed, Start
from profiles.smart_charging.upkeep import tidied
from tests.fakes.box import RFID
from tests.fakes.clock import START
from tests.profiles.smart_charging.rig import profile

TRANSACTIONS = ("one", "two", "three")


def transaction(id_: str, remote: int | None, state: ChargingState, *, authorized: bool) -> Transaction:
    return Transaction(
        id=id_, number=1, evse=1, connector=1, started_at=START, last_at=START, token=RFID if authorized else None,
        remote_start_id=remote, charging_state=state,
    )  # fmt: skip


@st.composite
def installed(draw: st.DrawFn) -> Installed:
    level = {"id": draw(st.integers(1, 6)), "stackLevel": draw(st.integers(0, 1))}
    if draw(st.booleans()):
        return Installed.of(draw(st.integers(0, 2)), profile(**level))
    wire = profile(chargingProfilePurpose="TxProfile", transactionId=draw(st.sampled_from(TRANSACTIONS)), **level)
    return Installed.of(1, wire)


@st.composite
def holdings(draw: st.DrawFn) -> Holdings:
    kept = {each.profile.id: each for each in draw(st.lists(installed(), max_size=6))}
    starts = {}
    for id_ in draw(st.sets(st.integers(1, 3))):
        wire = profile(chargingProfilePurpose="TxProfile", id=draw(st.integers(1, 6)))
        lasting = timedelta(seconds=draw(st.integers(-10, 10)))
        starts[id_] = Start(remote_start_id=id_, installed=Installed.of(1, wire), expires_at=START + lasting)
    ready = dict.fromkeys(draw(st.sets(st.sampled_from(TRANSACTIONS))), START - timedelta(hours=1))
    return Holdings(installed=kept, starts=starts, ready=ready)


@st.composite
def stations(draw: st.DrawFn) -> StationState:
    running = tuple(
        transaction(
            id_,
            draw(st.none() | st.integers(1, 3)),
            draw(st.sampled_from(ChargingState)),
            authorized=draw(st.booleans()),
        )
        for id_ in sorted(draw(st.sets(st.sampled_from(TRANSACTIONS))))
    )
    capabilities = draw(st.sets(st.just(Capability.BOX_SESSIONS)))
    return StationState(id="CP-1", transactions=running, capabilities=frozenset(capabilities))


@given(held=holdings(), state=stations())
def test_only_what_has_its_transaction_is_kept_and_nothing_else_is_lost(held: Holdings, state: StationState) -> None:
    now = tidied(held, state, START)
    running = {each.id for each in state.transactions}
    bound = [each.profile for each in now.installed.values() if each.profile.purpose is Purpose.TX]
    assert {profile.transaction for profile in bound} <= running
    begun = {each.remote_start_id for each in state.transactions} & held.starts.keys()
    assert now.starts.keys() == {id_ for id_, each in held.starts.items() if each.expires_at > START} - begun
    replaced = {held.starts[id_].installed.profile.id for id_ in begun if id_ is not None}
    defaults = {id_ for id_, each in held.installed.items() if each.profile.purpose is not Purpose.TX}
    assert defaults - replaced <= now.installed.keys()
    assert now.ready.keys() <= running
    assert all(held.ready.get(id_, START) == at for id_, at in now.ready.items())


@given(held=holdings(), state=stations())
def test_what_is_tidy_stays_the_same_object(held: Holdings, state: StationState) -> None:
    once = tidied(held, state, START)
    assert tidied(once, state, START) is once


def test_a_transaction_that_is_over_is_forgotten() -> None:
    state = StationState(id="CP-1", capabilities=frozenset({Capability.BOX_SESSIONS}))
    running = replace(state, transactions=(transaction("one", None, ChargingState.CHARGING, authorized=True),))
    held = tidied(Holdings(), running, START)
    assert held.ready == {"one": START}
    assert tidied(held, state, START) == Holdings()
