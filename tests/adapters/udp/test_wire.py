"""A station behind UDP: reports, pushes, late answers, refusals, pace and loss."""

from __future__ import annotations

import asyncio
import socket

import pytest

from adapters.common.wire import Refused, Unreachable
from adapters.udp.pool import UdpConnection, UdpPool
from gateway.model.errors import GatewayError
from tests.adapters.udp.station import DONE, REPORT1, REPORT2, Station, family, reached


async def test_a_report_serves_all_its_points_and_blanks_in_its_keys_do_no_harm() -> None:
    station = Station({b"report 2": REPORT2})
    async with reached(station) as wire:
        took = await wire.read(["state", "cable", "max_current", "limit", "done"])
    assert took.values == {"state": 3, "cable": "ev locked", "max_current": 16.0, "limit": 16.0}
    assert station.heard == [b"report 2"]


async def test_a_lost_datagram_is_sent_again() -> None:
    answers = iter([b"", REPORT2])
    async with reached(Station({b"report 2": lambda: next(answers)})) as wire:
        assert (await wire.read(["state"])).values == {"state": 3}


async def test_a_push_wakes_the_reader_and_brings_its_value() -> None:
    station = Station({b"report 2": REPORT2, b"report 1": REPORT1})
    async with reached(station) as wire:
        await wire.read(["state"])
        station.say(b'{"State": 2}')
        async with asyncio.timeout(5):
            await wire.news.wait()
        assert (await wire.read(["firmware"])).values == {"firmware": "P30 v 3.10", "state": 2}


async def test_what_is_read_after_a_push_is_newer() -> None:
    station = Station({b"report 2": REPORT2, b"report 1": REPORT1})
    async with reached(station) as wire:
        await wire.read(["state"])
        station.say(b'{"State": 2}')
        async with asyncio.timeout(5):
            await wire.news.wait()
        assert (await wire.read(["state"])).values == {"state": 3}
        assert (await wire.read(["firmware"])).values == {"firmware": "P30 v 3.10"}


async def test_a_push_between_request_and_answer_is_no_answer() -> None:
    station = Station({})
    async with reached(station, timeout_ms=2000) as wire:
        reading = asyncio.create_task(wire.read(["state"]))
        await station.wait_for(1)
        for data in (b'{"Plug": 3}', b"\xff\xfe{", REPORT1, b'"Firmware:P30"', REPORT2):
            station.say(data)
        assert (await reading).values == {"state": 3, "cable": "ev locked"}
        assert wire.news.is_set()


async def test_the_late_answer_to_one_command_is_not_that_of_another() -> None:
    station = Station({})
    async with reached(station, retries=0) as wire:
        with pytest.raises(Unreachable):
            await wire.send("curr", {"ma": 16000})
        sending = asyncio.create_task(wire.send("ena", {"on": 0}))
        station.say(DONE)  # that of curr
        await station.wait_for(2)
        assert not sending.done()
        station.say(DONE)
        await sending
    assert station.heard == [b"curr 16000", b"ena 0"]


async def test_the_late_answer_to_a_command_is_no_refusal_of_a_report() -> None:
    station = Station({})
    async with reached(station, retries=0) as wire:
        with pytest.raises(Unreachable):
            await wire.send("curr", {"ma": 16000})
        reading = asyncio.create_task(wire.read(["state"]))
        await station.wait_for(2)
        station.say(b"TCH-ERR :late")
        station.say(REPORT2)
        assert (await reading).values == {"state": 3}


async def test_a_refusal_is_told() -> None:
    station = Station({b"curr 99000": b"TCH-ERR :invalid", b"report 2": b"TCH-ERR :busy"})
    async with reached(station) as wire:
        with pytest.raises(Refused, match="TCH-ERR"):
            await wire.send("curr", {"ma": 99000})
        assert (await wire.read(["state"])).refused == {"state"}


async def test_a_plain_text_is_a_value_too() -> None:
    async with reached(Station({b"i": b'"Firmware:P30 v 3.10"'})) as wire:
        assert await wire.send("about", {}) == {"about": "Firmware:P30 v 3.10"}


async def test_an_optional_report_without_an_answer_is_one_that_the_station_does_not_have() -> None:
    station = Station({b"report 2": REPORT2})
    async with reached(station) as wire:
        took = await wire.read(["rfid", "state"])
        assert took.values == {"state": 3}
        assert took.refused == {"rfid"}
        station.answers.clear()
        with pytest.raises(Unreachable):
            await wire.read(["state"])
        with pytest.raises(Unreachable):  # now it may be the station that is gone
            await wire.read(["rfid"])


async def test_nothing_is_sent_within_the_gap_nor_while_the_station_settles() -> None:
    station = Station({b"report 1": REPORT1, b"report 2": REPORT2, b"ena 0": DONE})
    async with reached(station, gap_ms=100) as wire:
        await wire.read(["firmware", "state"])
        await wire.send("ena", {"on": 0})
        await wire.read(["state"])
        await wire.send("display", {"text": "Grüß"})
        await wire.read(["state"])
    waits = [later - sooner for sooner, later in zip(station.times, station.times[1:], strict=False)]
    least = [0.1, 0.1, 0.3, 0.1, 0.1]
    assert all(wait > low - 0.02 for wait, low in zip(waits, least, strict=True)), waits
    assert b"display Gr\x81\xe1" in station.heard


async def test_what_cannot_be_sent_is_an_error_of_its_own() -> None:
    station = Station({})
    async with reached(station) as wire:
        with pytest.raises(GatewayError, match="point-value"):
            await wire.send("display", {"text": "漢"})
        with pytest.raises(GatewayError, match="message-unknown"):
            await wire.send("nothing", {})
        with pytest.raises(Refused, match="point-not-writable"):
            await wire.write("state", 1)
    assert station.heard == []


async def test_two_stations_answer_to_one_port_and_strangers_to_none(caplog: pytest.LogCaptureFixture) -> None:
    one, other = Station({b"report 2": REPORT2}), Station({b"report 2": REPORT2.replace(b"3", b"1", 1)})
    pool = UdpPool("0.0.0.0")
    async with one.serving("127.0.0.1") as port, other.serving("127.0.0.2") as second:
        near = pool.wire(UdpConnection(host="127.0.0.1", port=port), family(), 1)
        far = pool.wire(UdpConnection(host="127.0.0.2", port=second), family(), 1)
        await near.connect()
        await far.connect()
        both = await asyncio.gather(near.read(["state"]), far.read(["state"]))
        assert [took.values["state"] for took in both] == [3, 1]
        assert one._sender == other._sender
        await far.aclose()
        other.say(b'{"State": 1}')
        other.say(b'{"State": 1}')
        await near.read(["state"])
        assert not near.news.is_set()
        assert len([record for record in caplog.records if "127.0.0.2" in record.getMessage()]) == 1
        await pool.aclose()


async def test_answers_may_come_to_one_address_of_the_box_only() -> None:
    station = Station({b"report 2": REPORT2})
    pool = UdpPool()
    async with station.serving() as port:
        wire = pool.wire(UdpConnection(host="127.0.0.1", port=port, local="127.0.0.3"), family(), 1)
        assert (await wire.read(["state"])).values == {"state": 3}
        assert station._sender[0] == "127.0.0.3"
        await pool.aclose()


async def test_a_station_that_comes_back_is_found_again() -> None:
    station = Station({b"report 2": REPORT2})
    pool = UdpPool("127.0.0.1")
    async with station.serving() as port:
        wire = pool.wire(UdpConnection(host="127.0.0.1", port=port), family(), 1)
        await wire.read(["state"])
    with pytest.raises(Unreachable):
        await wire.read(["state"])
    await wire.aclose()
    again = Station({b"report 2": REPORT2})
    again.port = port
    async with again.serving():
        await wire.connect()
        assert (await wire.read(["state"])).values == {"state": 3}
        await pool.aclose()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b"])
async def test_a_host_that_is_none_is_said(host: str) -> None:
    pool = UdpPool("127.0.0.1")
    with pytest.raises(Unreachable, match="no-connection"):
        await pool.wire(UdpConnection(host=host), family(), 1).connect()
    await pool.aclose()


async def test_a_port_that_another_program_has_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        pool = UdpPool("127.0.0.1")
        of = family(bind_port=taken.getsockname()[1])
        wire = pool.wire(UdpConnection(host="127.0.0.1", port=9), of, 1)
        with pytest.raises(Unreachable, match="udp-port"):
            await wire.connect()
        await pool.aclose()


async def test_a_command_that_is_given_up_leaves_the_station_to_the_next() -> None:
    station = Station({})
    async with reached(station, timeout_ms=5000) as wire:
        given_up = asyncio.create_task(wire.send("curr", {"ma": 6000}))
        await station.wait_for(1)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        sending = asyncio.create_task(wire.send("curr", {"ma": 16000}))
        station.say(DONE)
        await station.wait_for(2)
        station.say(DONE)
        await sending
    assert station.heard == [b"curr 6000", b"curr 16000"]
