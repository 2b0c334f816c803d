"""A station with HTTP: what is read, ordered, confirmed, refused and lost."""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from adapters.common.wire import Rank, Refused, Unreachable
from adapters.http.pool import HttpConnection, HttpPool
from gateway.model.errors import GatewayError
from tests.adapters.http.station import STATUS, Station, family, reached

if TYPE_CHECKING:
    from pathlib import Path

READ = "GET /api/status?filter=car,amp"


async def test_one_request_serves_all_its_points() -> None:
    station = Station({"/api/status": STATUS, "/api/text": " idle\n"})
    async with reached(station) as wire:
        took = await wire.read(["car", "limit", "voltage", "text", "amps_set", "confirmed"])
    assert took.values == {"car": 2, "limit": 16, "voltage": (230, 231, 229), "text": "idle"}
    assert station.heard == [READ, "GET /api/text"]


async def test_the_same_document_is_not_fetched_twice() -> None:
    station = Station({"/api/status": STATUS})
    of = family(requests={"text": {"get": "/status?filter=car,amp"}})
    async with reached(station, of) as wire:
        await wire.read(["car", "text"])
    assert station.heard == [READ]


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"car": 2', b"\xff\xfe", b"[]", b"NaN", b""])
async def test_garbage_is_no_value_and_is_told_once(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with reached(Station({"/api/status": body})) as wire:
        for _ in range(3):
            assert (await wire.read(["car"])).values == {"car": None}
    assert len(caplog.records) == (0 if body == b"[]" else 1)


async def test_an_answer_without_an_end_is_not_read_to_the_end() -> None:
    async with reached(Station({"/api/status": b" " * 300_000})) as wire:
        with pytest.raises(Unreachable, match="answer-too-long"):
            await wire.read(["car"])


async def test_values_are_quoted_into_the_url() -> None:
    station = Station({"/api/set": {"trx": True}, "/api/mode/a/b?x=1&y": ""})
    async with reached(station) as wire:
        await wire.send("set", {"key": "trx", "value": "a&b=1 ü"})
        await wire.send("mode", {"mode": "a/b?x=1&y"})
    assert station.heard[0] == "GET /api/set?trx=%22a%26b%3D1%20%5Cu00fc%22"
    assert station.heard[1] == "POST /api/mode/a%2Fb%3Fx=1&y"


async def test_an_empty_body_has_a_length_and_a_full_one_a_type() -> None:
    station = Station({"/api/mode/normal": "", "/api/limit": {"amps": "16"}})
    async with reached(station) as wire:
        await wire.send("mode", {"mode": "normal"})
        assert await wire.send("limit", {"amps": 16.0}) == {"amps_set": "16"}
        await wire.send("clear", {})
    assert station.headers[0]["Content-Length"] == "0"
    assert station.headers[1]["Content-Type"] == "application/json"
    assert station.bodies == ["", '{"amps":16}', ""]
    assert [each.partition(" ")[0] for each in station.heard] == ["POST", "PUT", "DELETE"]


@pytest.mark.parametrize("answer", [{"amp": False}, {"amp": "error: too low"}, {}, "no"])
async def test_an_answer_that_does_not_confirm_is_a_refusal(answer: dict[str, object] | str) -> None:
    async with reached(Station({"/api/set": answer})) as wire:
        with pytest.raises(Refused, match="command-refused"):
            await wire.send("set", {"key": "amp", "value": 16})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
async def test_a_status_of_refusal_refuses_an_order(status: int) -> None:
    station = Station({"/api/mode/x": lambda _: web.Response(status=status)})
    async with reached(station) as wire:
        with pytest.raises(Refused, match=f"status={status}"):
            await wire.send("mode", {"mode": "x"})
    assert len(station.heard) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
async def test_a_status_of_absence_is_no_answer_and_an_order_is_not_repeated(status: int) -> None:
    station = Station({"/api/mode/x": lambda _: web.Response(status=status)})
    async with reached(station) as wire:
        with pytest.raises(Unreachable, match=f"status={status}"):
            await wire.send("mode", {"mode": "x"})
    assert len(station.heard) == 1


async def test_a_question_is_repeated() -> None:
    answers = iter([web.Response(status=503), web.json_response(STATUS)])
    async with reached(Station({"/api/status": lambda _: next(answers)})) as wire:
        assert (await wire.read(["car"])).values == {"car": 2}


async def test_what_is_not_there_is_refused_and_the_rest_is_read() -> None:
    station = Station({"/api/status": STATUS, "/api/card": lambda _: web.Response(status=500)})
    async with reached(station) as wire:
        took = await wire.read(["card", "text", "car"])
    assert took.refused == {"card", "text"}
    assert took.values == {"car": 2}


async def test_a_fault_of_the_station_is_no_missing_point() -> None:
    async with reached(Station({"/api/status": lambda _: web.Response(status=500)})) as wire:
        with pytest.raises(Unreachable, match="status=500"):
            await wire.read(["car"])


async def test_a_refusal_that_tells_the_variant_is_one() -> None:
    old = family(variant=[{"id": "old", "probe": {"point": "car", "fails": True}}])
    async with reached(Station({"/api/status": lambda _: web.Response(status=403)}), old) as wire:
        assert (await wire.read(["car"])).refused == {"car"}


def _moved(to: str, _request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": to})


async def test_redirects_are_followed_on_the_same_host_only() -> None:
    station = Station({"/api/status": partial(_moved, "/v2/status"), "/v2/status": STATUS})
    async with reached(station) as wire:
        assert (await wire.read(["car"])).values == {"car": 2}
        for elsewhere in ("http://192.0.2.1/status", "//192.0.2.1/", "http://[", "/api/status"):
            station.answers["/api/status"] = partial(_moved, elsewhere)
            with pytest.raises(Unreachable):
                await wire.read(["car"])


async def test_basic_credentials_come_from_their_file(tmp_path: Path) -> None:
    station = Station({"/api/status": STATUS})
    file = tmp_path / "password"
    file.write_text("süß\n", "utf-8")
    async with reached(station, user="admin", password_file=str(file)) as wire:
        await wire.read(["car"])
    assert station.headers[0]["Authorization"] == "Basic YWRtaW46c8O8w58="


async def test_a_password_file_that_is_not_there_is_said() -> None:
    with pytest.raises(Unreachable, match="secret-file"):
        async with reached(Station({}), user="admin", password_file="/nowhere/password"):
            pass


async def test_an_order_overtakes_polls_that_wait() -> None:
    station = Station({"/api/status": STATUS, "/api/text": "", "/api/limit": {"amps": 6}})
    async with reached(station) as wire:
        station.free.clear()
        polls = [asyncio.create_task(wire.read([name])) for name in ("car", "text")]
        await station.wait_for(1)
        order = asyncio.create_task(wire.send("limit", {"amps": 6}, rank=Rank.ORDER))
        await asyncio.sleep(0)
        station.free.set()
        await asyncio.gather(order, *polls)
    assert station.heard == [READ, "PUT /api/limit", "GET /api/text"]


async def test_nothing_is_sent_within_the_gap() -> None:
    station = Station({"/api/status": STATUS, "/api/text": ""})
    async with reached(station, family(link={"gap_ms": 150})) as wire:
        await wire.read(["car", "text"])
    assert station.times[1] - station.times[0] > 0.13


async def test_a_station_that_hangs_is_lost_in_time_and_found_again() -> None:
    station = Station({"/api/status": STATUS})
    async with reached(station, family(link={"timeout_ms": 100})) as wire:
        station.free.clear()
        with pytest.raises(Unreachable):
            await wire.read(["car"])
        station.free.set()
        assert (await wire.read(["car"])).values == {"car": 2}


async def test_a_station_that_is_away_is_unreachable_until_it_is_back() -> None:
    station = Station({"/api/status": STATUS})
    pool = HttpPool()
    async with station.serving() as port:
        wire = pool.wire(HttpConnection(url=f"http://127.0.0.1:{port}/proxy"), family(), 1)
        assert wire.address == f"http://127.0.0.1:{port}/proxy/api"
        station.answers["/proxy/api/status"] = STATUS
        await wire.connect()
        await wire.read(["car"])
    with pytest.raises(Unreachable, match="no-connection"):
        await wire.read(["car"])
    await wire.aclose()
    async with station.serving():
        await wire.connect()
        assert (await wire.read(["car"])).values == {"car": 2}
        await pool.aclose()


async def test_what_the_family_does_not_have_is_an_error_of_its_own() -> None:
    async with reached(Station({})) as wire:
        with pytest.raises(GatewayError, match="message-unknown"):
            await wire.send("nothing", {})
        with pytest.raises(GatewayError, match="template-value"):
            await wire.send("limit", {"amps": 6.5})
        with pytest.raises(Refused, match="point-not-writable"):
            await wire.write("limit", 6)


async def test_two_connectors_share_the_host() -> None:
    station = Station({"/api/1/status": STATUS, "/api/2/status": json.dumps({"car": 1})})
    of = family(requests={"status": {"get": "/{connector:d}/status"}})
    pool = HttpPool()
    async with station.serving() as port:
        wires = [pool.wire(HttpConnection(url=f"http://127.0.0.1:{port}"), of, number) for number in (1, 2)]
        took = await asyncio.gather(*(wire.read(["car"]) for wire in wires))
        assert [each.values["car"] for each in took] == [2, 1]
        await pool.aclose()
