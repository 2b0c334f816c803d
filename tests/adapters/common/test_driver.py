"""A family station led by the box: found, charged, limited, lost, faulted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import Verdict
from gateway.model.evse import ConnectorStatus
from gateway.model.station import Capability, StationState
from gateway.model.transactions import (
    STOPPED_BY_BACKEND,
    ChargingState,
    StoppedReason,
    Transaction,
    TriggerReason,
)
from tests.adapters.common.rig import APP, CARD, PLACE, STATION, LiveBox, Rig, build, running, wallbox

if TYPE_CHECKING:
    from gateway.model.events import Event


def last(rig: Rig, kind: type[Event]) -> Event:
    found = rig.box.of(kind)
    assert found, f"no {kind.__name__} in {rig.box.events}"
    return found[-1]


async def charging(rig: Rig) -> None:
    """Plug in, present a card, charge."""
    rig.wire.plugged = True
    await rig.until(lambda: any(e.status is ConnectorStatus.OCCUPIED for e in rig.box.of(ev.ConnectorChanged)))  # type: ignore[union-attr]
    rig.wire.card = CARD.value
    await rig.until(lambda: rig.wire.letter == "C")
    await rig.until(
        lambda: any(e.charging_state is ChargingState.CHARGING for e in rig.box.of(ev.TransactionUpdated))  # type: ignore[union-attr]
    )


async def test_a_station_is_found_and_says_what_it_is() -> None:
    async with wallbox() as rig:
        await rig.until(lambda: bool(rig.box.of(ev.StationBooted)))
        found, booted = last(rig, ev.StationFound), last(rig, ev.StationBooted)
    assert isinstance(found, ev.StationFound)
    assert {Capability.BOX_SESSIONS, Capability.SMART_CHARGING, Capability.REMOTE_START} <= found.capabilities
    assert Capability.UNLOCK not in found.capabilities, "the family has none"
    assert isinstance(booted, ev.StationBooted)
    assert (booted.identity.vendor, booted.identity.serial, booted.identity.firmware) == ("Sample", "4711", "1.0")


async def test_nobody_charges_before_a_token_was_accepted() -> None:
    async with wallbox() as rig:
        rig.wire.plugged = True
        await rig.until(lambda: any(e.status is ConnectorStatus.OCCUPIED for e in rig.box.of(ev.ConnectorChanged)))  # type: ignore[union-attr]
        assert rig.wire.letter == "B"
        assert ("enable", 1) not in rig.wire.written
        assert not rig.box.of(ev.TransactionBegan)


async def test_a_session_from_plug_to_unplug() -> None:
    async with wallbox() as rig:
        await charging(rig)
        began = last(rig, ev.TransactionBegan)
        rig.wire.energy = 103.5
        rig.wire.plugged = False
        await rig.until(lambda: bool(rig.box.of(ev.TransactionEnded)))
        ended = last(rig, ev.TransactionEnded)
        await rig.until(lambda: rig.wire.enable == 0)
    assert isinstance(began, ev.TransactionBegan)
    assert (began.token, began.meter_start) == (CARD, 100_000.0)
    assert isinstance(ended, ev.TransactionEnded)
    assert ended.meter_stop == 103_500.0
    assert ended.cause is not None
    assert ended.cause.reason is StoppedReason.EV_DISCONNECTED


async def test_the_limit_is_no_higher_than_the_site_allows() -> None:
    async with wallbox(current=13.0) as rig:
        await charging(rig)
        await rig.until(lambda: rig.wire.limit == 13.0)
    assert max(value for name, value in rig.wire.written if name == "limit" and isinstance(value, float)) == 13.0


async def test_a_limit_of_the_backend_is_read_back_before_it_is_accepted() -> None:
    async with wallbox() as rig:
        await charging(rig)
        outcome = await rig.adapter.execute(cmd.SetLimit(place=PLACE, current=9.7))
        assert (outcome.verdict, rig.wire.limit) == (Verdict.ACCEPTED, 9.0)
        outcome = await rig.adapter.execute(cmd.SetLimit(place=PLACE, current=3.0))
        assert (outcome.verdict, rig.wire.letter) == (Verdict.ACCEPTED, "B"), "below the minimum is a pause"
        await rig.adapter.execute(cmd.SetLimit(place=PLACE, current=None))
        await rig.until(lambda: rig.wire.letter == "C")
        assert rig.wire.limit == 20.0


async def test_a_station_that_does_not_take_its_limit_is_paused_and_told_of() -> None:
    async with wallbox() as rig:
        await charging(rig)
        rig.wire.lies = 20.0
        outcome = await rig.adapter.execute(cmd.SetLimit(place=PLACE, current=8.0))
        assert outcome.verdict is Verdict.FAULTED
        assert rig.wire.enable == 0
        await rig.until(
            lambda: any(f.code == "LimitNotConfirmed" for e in rig.box.of(ev.ConnectorChanged) for f in e.faults)  # type: ignore[union-attr]
        )


async def test_a_remote_start_and_stop() -> None:
    async with wallbox(authorization="central") as rig:
        start = cmd.StartCharging(
            place=PLACE, token=APP, remote_start_id=7, expires_at=datetime.now(UTC) + timedelta(seconds=30)
        )
        assert (await rig.adapter.execute(start)).accepted
        rig.wire.plugged = True
        await rig.until(lambda: bool(rig.box.of(ev.TransactionBegan)))
        began = last(rig, ev.TransactionBegan)
        assert isinstance(began, ev.TransactionBegan)
        assert began.token == APP
        await rig.until(lambda: rig.wire.letter == "C")
        number = rig.box.numbers[began.key]
        rig.box.states[STATION] = _with(began, number)
        stop = cmd.StopCharging(station=STATION, transaction="tx", number=number, cause=STOPPED_BY_BACKEND)
        assert (await rig.adapter.execute(stop)).accepted
        await rig.until(lambda: rig.wire.enable == 0)
        ended = last(rig, ev.TransactionEnded)
    assert isinstance(ended, ev.TransactionEnded)
    assert ended.cause == STOPPED_BY_BACKEND


def _with(began: ev.TransactionBegan, number: int, capable: bool = True) -> StationState:  # noqa: FBT001, FBT002
    transaction = Transaction(
        id="tx", number=number, evse=1, connector=1, started_at=began.at, last_at=began.at, token=began.token,
        charging_state=ChargingState.CHARGING, meter_start=began.meter_start, meter_last=began.meter_start,
    )  # fmt: skip
    found = frozenset({Capability.BOX_SESSIONS}) if capable else frozenset[Capability]()
    return StationState(id=STATION, transactions=(transaction,), capabilities=found, reachable=True)


async def test_a_box_that_was_killed_goes_on_with_the_transaction() -> None:
    box = LiveBox([])
    began = ev.TransactionBegan(place=PLACE, at=datetime.now(UTC), token=CARD, meter_start=100_000.0, key="k")
    box.states[STATION] = _with(began, 17)
    rig = build(box)
    rig.wire.plugged, rig.wire.card, rig.wire.enable, rig.wire.limit = True, CARD.value, 1, 16.0
    async with running(rig):
        await rig.until(lambda: ("limit", 16.0) in rig.wire.written)
        await rig.until(lambda: rig.wire.limit == 20.0)
        assert rig.wire.letter == "C"
        assert not rig.box.of(ev.TransactionBegan), "it is the same transaction"
        assert ("enable", 0) not in rig.wire.written, "charging was never interrupted"
        rig.wire.plugged = False
        await rig.until(lambda: bool(box.of(ev.TransactionEnded)))
        ended = last(rig, ev.TransactionEnded)
    assert isinstance(ended, ev.TransactionEnded)
    assert ended.number == 17


async def test_a_station_that_lost_its_car_while_the_box_was_away_ends_the_transaction() -> None:
    box = LiveBox([])
    began = ev.TransactionBegan(place=PLACE, at=datetime.now(UTC), token=CARD, meter_start=100_000.0, key="k")
    box.states[STATION] = _with(began, 17)
    rig = build(box)
    rig.wire.energy = 101.0
    async with running(rig):
        await rig.until(lambda: bool(box.of(ev.TransactionEnded)))
        ended = last(rig, ev.TransactionEnded)
    assert isinstance(ended, ev.TransactionEnded)
    assert (ended.number, ended.meter_stop) == (17, 101_000.0)


async def test_a_loss_is_told_once_and_the_transaction_outlives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.common.evse.RECONNECT", (0.01,))
    async with wallbox() as rig:
        await charging(rig)
        rig.box.states[STATION] = replace(StationState(id=STATION), reachable=True)
        rig.wire.down = True
        await rig.until(lambda: bool(rig.box.of(ev.StationLost)))
        rig.box.states[STATION] = replace(
            StationState(id=STATION), reachable=False, capabilities=frozenset({Capability.BOX_SESSIONS})
        )
        rig.wire.enable = 0  # it has lost its power, and what it was told
        found = len(rig.box.of(ev.StationFound))
        rig.wire.down = False
        await rig.until(lambda: len(rig.box.of(ev.StationFound)) > found)
        await rig.until(lambda: rig.wire.letter == "C")
        assert len(rig.box.of(ev.StationLost)) == 1
        assert not rig.box.of(ev.TransactionEnded)


async def test_a_fault_holds_the_session_and_lets_it_go_on() -> None:
    async with wallbox() as rig:
        await charging(rig)
        rig.wire.error = 1
        await rig.until(lambda: any(e.status is ConnectorStatus.FAULTED for e in rig.box.of(ev.ConnectorChanged)))  # type: ignore[union-attr]
        faulted = last(rig, ev.ConnectorChanged)
        assert isinstance(faulted, ev.ConnectorChanged)
        assert [(f.component, f.info) for f in faulted.faults] == [("GroundIsolationProtection", "residual current")]
        await rig.until(lambda: rig.wire.enable == 0)
        rig.wire.error = 0
        await rig.until(lambda: rig.wire.letter == "C")
        assert not rig.box.of(ev.TransactionEnded)


async def test_an_orderly_end_leaves_the_station_at_its_fail_safe_current() -> None:
    async with wallbox(failsafe_current=8.0) as rig:
        await charging(rig)
        await rig.until(lambda: rig.wire.limit == 20.0)
    assert rig.wire.limit == 8.0


async def test_free_vend_charges_whoever_plugs_in() -> None:
    async with wallbox(authorization="free_vend") as rig:
        rig.wire.plugged = True
        await rig.until(lambda: rig.wire.letter == "C")
        began = last(rig, ev.TransactionBegan)
    assert isinstance(began, ev.TransactionBegan)
    assert began.trigger in {TriggerReason.CABLE_PLUGGED_IN, TriggerReason.AUTHORIZED}


async def test_a_dry_run_writes_nothing() -> None:
    box = LiveBox([])
    box.read_only = True
    rig = build(box)
    async with running(rig):
        rig.wire.plugged = True
        await rig.until(lambda: bool(box.of(ev.ConnectorChanged)))
        rig.wire.card = CARD.value
        await rig.until(lambda: bool(box.of(ev.TransactionBegan)))
        outcome = await rig.adapter.execute(cmd.SetLimit(place=PLACE, current=8.0))
    assert rig.wire.written == []
    assert not outcome.accepted, "nothing has happened"


async def test_an_operators_limit_is_a_variable_and_outlives_the_box() -> None:
    async with wallbox() as rig:
        await charging(rig)
        outcome = await rig.adapter.execute(cmd.SetVariable(station=STATION, key="CurrentLimit.1", value="11"))
        assert (outcome.verdict, rig.wire.limit) == (Verdict.ACCEPTED, 11.0)
        refused = await rig.adapter.execute(cmd.SetVariable(station=STATION, key="CurrentLimit.1", value="lots"))
        assert refused.verdict is Verdict.REJECTED
        kept = rig.box.kept
    box = LiveBox([])
    box.kept = kept
    again = build(box, authorization="free_vend")
    async with running(again):
        again.wire.plugged = True
        await again.until(lambda: again.wire.letter == "C")
        await again.until(lambda: again.wire.limit == 11.0)
    assert max(value for name, value in again.wire.written if name == "limit" and isinstance(value, float)) == 11.0


@pytest.mark.parametrize("command", [cmd.Unlock(place=PLACE), cmd.ClearTokens(station=STATION)])
async def test_what_the_family_has_not_is_refused(command: cmd.Command) -> None:
    async with wallbox() as rig:
        assert (await rig.adapter.execute(command)).verdict is Verdict.UNSUPPORTED
