"""The steps of a family's file, done one after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from adapters.common.actor import Actor
from adapters.common.wire import Rank, Refused
from gateway.model.errors import GatewayError
from tests.adapters.common.leader import family
from tests.fakes import timeless
from tests.fakes.wire import WallboxWire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.control import Steps
    from gateway.family.value import Value


def steps(*each: dict[str, Any]) -> Steps:
    stop = family(stop={"seq": list(each)}).control.stop
    assert stop is not None
    return stop.seq


def play(*each: dict[str, Any], wire: WallboxWire | None = None, read_only: bool = False) -> WallboxWire:
    """Do steps at a wallbox, without real time."""
    made = wire or WallboxWire(family())

    async def look(*points: str, rank: Rank = Rank.POLL) -> Mapping[str, Value]:
        del points, rank
        return made.values

    async def script() -> None:
        asyncio.get_running_loop().call_later(3.0, setattr, made, "plugged", True)  # noqa: FBT003
        await Actor(made, look, read_only=read_only).run(steps(*each), amps=12.5)

    timeless.run(script())
    return made


def test_steps_are_done_in_their_order_with_what_the_verb_knows() -> None:
    wire = play(
        {"point": "limit", "value": "int(amps)"},
        {"delay_s": 1},
        {"point": "enable", "value": 1, "when": "limit > 30"},
        {"point": "enable", "value": 2, "when": "limit < 30"},
    )
    assert wire.written == [("limit", 12), ("enable", 2)]


def test_a_wait_ends_as_soon_as_it_is_so() -> None:
    wire = play({"wait": "state == 'B'", "timeout_s": 5}, {"point": "enable", "value": 1})
    assert wire.written == [("enable", 1)]


def test_a_wait_that_comes_to_nothing_stops_the_steps() -> None:
    wire = WallboxWire(family())
    with pytest.raises(GatewayError, match="step-timeout"):
        play({"wait": "state == 'F'", "timeout_s": 5}, {"point": "enable", "value": 1}, wire=wire)
    assert wire.written == []


def test_a_step_without_a_value_is_not_guessed() -> None:
    wire = WallboxWire(family())
    wire.shown["energy_total"] = None
    with pytest.raises(GatewayError, match="step-value"):
        play({"point": "limit", "value": "energy_total"}, wire=wire)
    with pytest.raises(GatewayError, match="step-value"):
        play({"point": "limit", "value": "current"}, wire=wire)
    assert wire.written == []


def test_a_refusal_stops_the_steps_unless_it_is_expected() -> None:
    wire = WallboxWire(family())
    wire.refuses.add("limit")
    play({"point": "limit", "value": 6, "accept_refusal": True}, {"point": "enable", "value": 1}, wire=wire)
    assert wire.written == [("enable", 1)]
    with pytest.raises(Refused):
        play({"point": "limit", "value": 6}, {"point": "enable", "value": 0}, wire=wire)
    assert wire.written == [("enable", 1)]


def test_a_dry_run_waits_for_nothing_and_writes_nothing() -> None:
    wire = play(
        {"wait": "state == 'F'", "timeout_s": 5},
        {"delay_s": 100},
        {"point": "enable", "value": 1},
        read_only=True,
    )
    assert wire.written == []
