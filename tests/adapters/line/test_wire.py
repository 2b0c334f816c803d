"""A station on a line: what is read, told unasked, refused, disturbed and lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from adapters.common.wire import Rank, Refused, Took, Unreachable
from adapters.line.pool import LineConnection, LinePool
from gateway.config.fields import HostPort
from gateway.model.errors import GatewayError
from tests.adapters.line.station import Station, family, rapi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.line.wire import LineWire
    from gateway.family.family import LineFamily

GS, GG, G5, GV = (rapi(each).strip() for each in ("$GS", "$GG", "$G5", "$GV"))


@asynccontextmanager
async def reached(station: Station, of: LineFamily | None = None) -> AsyncIterator[LineWire]:
    """The wire to a station on a pseudo-terminal."""
    pool = LinePool()
    with station.on_pty() as path:
        wire = pool.wire(LineConnection(serial=path), of or family(), 1)
        await wire.connect()
        try:
            yield wire
        finally:
            await pool.aclose()


async def test_each_command_is_asked_once_for_all_its_points() -> None:
    station = Station({GS: rapi("$OK 3 120"), GG: rapi("$OK 16250 -1")})
    async with reached(station) as wire:
        took = await wire.read(["state", "session_time", "current", "voltage"])
    assert took.values == {"state": 3, "session_time": 120, "current": 16.25, "voltage": (-0.001, -0.001)}
    assert station.heard == [GS, GG]


async def test_a_field_that_the_firmware_lacks_has_no_value() -> None:
    async with reached(Station({GS: rapi("$OK 3")})) as wire:
        assert await wire.read(["state", "session_time"]) == Took(values={"state": 3, "session_time": None})


async def test_a_line_that_comes_unasked_before_the_answer_is_no_answer() -> None:
    station = Station({GG: rapi("$AT 2 1") + rapi("$WF 1") + rapi("$OK 0 230000")})
    async with reached(station) as wire:
        took = await wire.read(["current", "voltage"])
        assert took.values == {"current": 0.0, "voltage": (230.0, 230.0), "state": 2}
        assert wire.news.is_set()
        station.answers[GG] = rapi("$OK 0 230000")
        assert "state" not in (await wire.read(["current"])).values  # it was told once


async def test_what_is_read_after_an_unasked_line_is_newer() -> None:
    station = Station({GS: rapi("$OK 3"), GG: rapi("$OK 0 0")})
    async with reached(station) as wire:
        station.say(rapi("$AT 1 1"))
        async with asyncio.timeout(5):
            await wire.news.wait()
        assert (await wire.read(["session_time"])).values == {"state": 3, "session_time": None}
        assert (await wire.read(["current"])).values == {"current": 0.0}


async def test_a_refused_optional_command_is_not_sent_again() -> None:
    station = Station({G5: rapi("$NK"), GS: rapi("$OK 1")})
    async with reached(station) as wire:
        for _ in range(2):
            took = await wire.read(["lock_state", "state"])
            assert took.refused == {"lock_state"}
            assert took.values == {"state": 1}
        assert station.heard.count(G5) == 2  # the first refusal may be that of a disturbed request
        wire.use(family())  # another variant may have it
        await wire.read(["lock_state"])
        assert station.heard.count(G5) == 4


async def test_a_request_that_arrived_disturbed_is_no_missing_point() -> None:
    answers = iter([rapi("$NK"), rapi("$OK 3")])
    async with reached(Station({GS: lambda: next(answers)})) as wire:
        assert await wire.read(["state"]) == Took(values={"state": 3})


async def test_a_refusal_that_carries_the_answer_is_one_where_the_family_says_so() -> None:
    station = Station({rapi("$SC 40 V").strip(): rapi("$NK 32"), rapi("$FE").strip(): rapi("$NK")})
    async with reached(station) as wire:
        assert await wire.send("limit", {"amps": 40}) == {"amps_set": 32}
        with pytest.raises(Refused):
            await wire.send("enable", {})


async def test_a_disturbed_answer_is_asked_for_again() -> None:
    answers = iter([b"\xff\x00$OK 3 1^FF\r", b"$O", rapi("$OK 3 1")])  # the half line stands before the third
    station = Station({GS: lambda: next(answers)})
    async with reached(station) as wire:
        with pytest.raises(Unreachable):
            await wire.read(["state"])
        assert (await wire.read(["state"])).values["state"] == 3
    assert station.heard == [GS] * 3


async def test_an_answer_in_pieces_behind_noise_is_whole() -> None:
    station = Station()
    async with reached(station) as wire:
        reading = asyncio.create_task(wire.read(["state"]))
        await station.wait_for(1)
        for piece in (b"\x80\xfe", rapi("$OK 2")[:3], rapi("$OK 2")[3:]):
            station.say(piece)
        assert (await reading).values["state"] == 2


async def test_the_answer_to_a_request_that_was_given_up_is_not_that_of_the_next() -> None:
    station = Station()
    async with reached(station, family(link={"retries": 0})) as wire:
        with pytest.raises(Unreachable):
            await wire.send("limit", {"amps": 16})
        sending = asyncio.create_task(wire.send("limit", {"amps": 6}))
        await asyncio.sleep(0)
        station.say(rapi("$OK 16"))
        station.answers[rapi("$SC 6 V").strip()] = rapi("$OK 6")
        assert await sending == {"amps_set": 6}


async def test_a_late_answer_is_known_by_its_number() -> None:
    numbered = family(framing={"sequence": {"since": "3.0"}})
    station = Station({GV: rapi("$OK 5.1.0"), rapi("$GS:01").strip(): rapi("$OK 1:09") + rapi("$OK 3:01")})
    async with reached(station, numbered) as wire:
        assert (await wire.read(["firmware"])).values == {"firmware": "5.1.0"}
        assert (await wire.read(["state"])).values["state"] == 3


async def test_old_firmware_is_not_sent_numbers() -> None:
    numbered = family(framing={"sequence": {"since": "3.0"}})
    station = Station({GV: rapi("$OK 2.9"), GS: rapi("$OK 1")})
    async with reached(station, numbered) as wire:
        await wire.read(["firmware"])
        await wire.read(["state"])
    assert station.heard == [GV, GS]


async def test_an_order_overtakes_polls_that_wait() -> None:
    station = Station()
    async with reached(station, family(link={"retries": 0, "timeout_ms": 2000})) as wire:
        polls = [asyncio.create_task(wire.read([name])) for name in ("state", "current")]
        await station.wait_for(1)
        order = asyncio.create_task(wire.send("enable", {}, rank=Rank.WATCHDOG))
        await asyncio.sleep(0)
        for count, answer in enumerate(("$OK 1", "$OK", "$OK 0 0"), start=1):
            await station.wait_for(count)
            station.say(rapi(answer))
        await asyncio.gather(order, *polls)
    assert station.heard == [GS, rapi("$FE").strip(), GG]


async def test_what_the_station_cannot_take_is_not_sent() -> None:
    station = Station()
    async with reached(station) as wire:
        with pytest.raises(GatewayError, match="line-too-long"):
            await wire.send("name", {"text": "x" * 40})
        with pytest.raises(GatewayError, match="template-value"):
            await wire.send("name", {"text": "1\r$FD"})
        with pytest.raises(GatewayError, match="message-unknown"):
            await wire.send("nothing", {})
        with pytest.raises(Refused, match="point-not-writable"):
            await wire.write("state", 1)
    assert station.heard == []


async def test_an_answer_of_another_format_is_no_value_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with reached(Station({GS: rapi("$OK high")})) as wire:
        for _ in range(3):
            assert (await wire.read(["state"])).values == {"state": None}
    assert len(caplog.records) == 1


async def test_a_port_that_is_not_there_is_said_with_its_name() -> None:
    pool = LinePool()
    wire = pool.wire(LineConnection(serial="/dev/ttyNowhere"), family(), 1)
    with pytest.raises(Unreachable, match=r"ttyNowhere.*No such file"):
        await wire.connect()
    await pool.aclose()


@pytest.mark.parametrize("host", ["127.0.0.1", "a..b"])
async def test_a_peer_that_is_not_there_is_said(host: str) -> None:
    pool = LinePool()
    with pytest.raises(Unreachable, match="no-connection"):
        await pool.wire(LineConnection(tcp=HostPort(host, 1)), family(), 1).connect()
    await pool.aclose()


@pytest.mark.parametrize(
    "keys",
    [{}, {"serial": "/dev/a", "tcp": "a:1"}, {"tcp": "a:1", "baud": 9600}, {"serial": "/dev/a", "format": "9X9"}],
)
def test_a_connection_has_exactly_one_way(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LineConnection.model_validate(keys)


async def test_a_line_that_was_pulled_out_is_opened_again() -> None:
    station = Station({GS: rapi("$OK 1")})
    pool = LinePool()
    async with station.on_tcp() as port:
        wire = pool.wire(LineConnection(tcp=HostPort("127.0.0.1", port)), family(), 1)
        await wire.connect()
        assert wire.address == f"127.0.0.1:{port}"
        assert (await wire.read(["state"])).values["state"] == 1
    with pytest.raises(Unreachable):
        await wire.read(["state"])
    async with station.on_tcp(port):
        assert (await wire.read(["state"])).values["state"] == 1
        await pool.aclose()


async def test_a_pseudo_terminal_whose_other_end_is_gone_is_lost_and_not_stuck() -> None:
    station = Station({GS: rapi("$OK 1")})
    pool = LinePool()
    with station.on_pty() as path:
        wire = pool.wire(LineConnection(serial=path), family(), 1)
        await wire.read(["state"])
    with pytest.raises(Unreachable):
        await wire.read(["state"])
    await pool.aclose()


async def test_two_connectors_of_one_station_share_its_line() -> None:
    station = Station({GS: rapi("$OK 1"), GG: rapi("$OK 0 0")})
    pool = LinePool()
    with station.on_pty() as path:
        one, other = (pool.wire(LineConnection(serial=path), family(), number) for number in (1, 2))
        await one.connect()
        await other.connect()
        await asyncio.gather(one.read(["state"]), other.read(["current"]))
        await one.aclose()
        assert (await other.read(["current"])).values == {"current": 0.0}
        await other.aclose()
        assert (await other.read(["current"])).values == {"current": 0.0}  # connects by itself
        await pool.aclose()


async def test_a_read_that_is_given_up_leaves_the_line_to_the_next() -> None:
    station = Station({GG: rapi("$OK 16000 0")})
    async with reached(station, family(link={"timeout_ms": 5000})) as wire:
        given_up = asyncio.create_task(wire.read(["state"]))
        waiting = asyncio.create_task(wire.read(["state"]))
        await station.wait_for(1)
        given_up.cancel()
        waiting.cancel()
        await asyncio.gather(given_up, waiting, return_exceptions=True)
        reading = asyncio.create_task(wire.read(["current"]))
        station.say(rapi("$OK 3"))  # the answer to what was given up
        assert (await reading).values == {"current": 16.0}
