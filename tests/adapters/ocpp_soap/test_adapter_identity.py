"""Who calls, from where, and where it can be called back."""

from __future__ import annotations

import logging

import pytest

from adapters.ocpp1x.networks import Networks
from adapters.ocpp_soap.config import StationConfig
from adapters.ocpp_soap.peers import peer_of
from tests.adapters.ocpp_soap.rig import NAME, STATION, element, request, running, settings

HEARTBEAT = "<c:heartbeatRequest/>"
OTHER = settings(StationConfig(charge_box_identity="OTHER"), identity="AT-EBE-0002")


@pytest.mark.parametrize("name", [NAME, NAME.lower(), ""])
async def test_a_station_is_known_by_its_name_in_any_case_or_as_the_only_one(name: str) -> None:
    async with running() as rig:
        await rig.ask(HEARTBEAT, identity=name)
        assert rig.adapter.reach(STATION)[1] is not None


async def test_without_a_name_the_address_tells_once_it_has_been_seen(caplog: pytest.LogCaptureFixture) -> None:
    async with running(settings(), OTHER) as rig:
        assert (await rig.send(request(HEARTBEAT, identity=""))).status == 400
        assert rig.box.strangers == [("", "127.0.0.1")]
        await rig.ask(HEARTBEAT, identity="other")
        await rig.ask(HEARTBEAT, identity="")
        assert rig.adapter.reach("AT-EBE-0002")[1] is not None
        assert rig.adapter.reach(STATION)[1] is None
    assert caplog.records


async def test_a_stranger_is_refused_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async with running() as rig:
        for _ in range(3):
            reply = await rig.send(request(HEARTBEAT, identity="STRANGER"))
            assert reply.status == 400
            assert b"IdentityMismatch" in reply.body
        assert rig.box.strangers == [("STRANGER", "127.0.0.1")] * 3
        assert not rig.box.events
    assert sum("STRANGER" in record.getMessage() for record in caplog.records) == 1


async def test_a_name_that_is_too_long_is_not_no_name() -> None:
    async with running() as rig:
        assert (await rig.send(request(HEARTBEAT, identity="A" * 2000))).status == 400
        assert [len(name) for name, _ in rig.box.strangers] == [1024]
        assert rig.adapter.reach(STATION)[1] is None


def test_a_station_that_names_its_address_once_is_called_there() -> None:
    peer = peer_of(settings(), StationConfig(charge_box_identity=NAME))
    peer.locate("127.0.0.1", ("http://127.0.0.9:8082/", ""))
    peer.locate("127.0.0.1", ("", ""))
    assert peer.url(Networks(["127.0.0.0/8"])) == "http://127.0.0.9:8082/"


def test_two_stations_with_one_name_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    peer = peer_of(settings(), StationConfig(charge_box_identity=NAME))
    for number in range(100):
        peer.locate(f"127.0.0.{1 + number % 2}", ())
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING"]
    assert "two stations" in caplog.text
    for number in range(100):
        peer.locate(f"127.0.1.{number}", ())
    assert len(caplog.records) < 10


async def test_a_caller_from_outside_the_networks_is_refused() -> None:
    async with running(networks=("10.0.0.0/8",)) as rig:
        reply = await rig.send(request(HEARTBEAT))
        assert (reply.status, reply.body) == (403, b"")
        assert not rig.box.strangers


@pytest.mark.parametrize(
    ("from_url", "expected"),
    [
        ("http://127.0.0.9:8082/cp?x=1", "http://127.0.0.9:8082/cp?x=1"),
        ("http://:8082/cp", "http://127.0.0.1:8082/cp"),
        ("http://8.8.8.8:8082/", "http://127.0.0.1:8082/"),
        ("http://station.local:8082/cp", "http://127.0.0.1:8082/cp"),
        ("http://0.0.0.0:8082", "http://127.0.0.1:8082/"),
        ("127.0.0.1:8082", "http://127.0.0.1:8082/"),
        ("http://www.w3.org/2005/08/addressing/anonymous", None),
        ("http://127.0.0.1:99999/", None),
        ("", None),
    ],
)
async def test_the_callback_is_what_the_station_says_within_reason(from_url: str, expected: str | None) -> None:
    async with running() as rig:
        await rig.ask(HEARTBEAT, from_url=from_url)
        assert rig.adapter.reach(STATION)[0] == expected


async def test_reply_to_helps_where_from_is_missing() -> None:
    async with running() as rig:
        reply_to = "<a:ReplyTo><a:Address>http://127.0.0.1:9090/x</a:Address></a:ReplyTo>"
        await rig.send(request(HEARTBEAT, headers=reply_to))
        assert rig.adapter.reach(STATION)[0] == "http://127.0.0.1:9090/x"


async def test_the_callback_is_learnt_anew_with_every_message() -> None:
    async with running() as rig:
        await rig.ask(HEARTBEAT, from_url="http://127.0.0.1:1111/")
        await rig.ask(HEARTBEAT, from_url="http://127.0.0.1:2222/")
        assert rig.adapter.reach(STATION)[0] == "http://127.0.0.1:2222/"


async def test_the_site_may_know_better() -> None:
    options = StationConfig(charge_box_identity=NAME, callback_url="http://10.0.0.7:81/")
    async with running(settings(options)) as rig:
        await rig.ask(HEARTBEAT, from_url="http://127.0.0.1:1111/")
        assert rig.adapter.reach(STATION)[0] == "http://10.0.0.7:81/"
    async with running(settings(StationConfig(charge_box_identity=NAME, callback_port=8443))) as rig:
        await rig.ask(HEARTBEAT)
        assert rig.adapter.reach(STATION)[0] == "http://127.0.0.1:8443/"
        await rig.ask(HEARTBEAT, from_url="http://127.0.0.1:1111/cp")
        assert rig.adapter.reach(STATION)[0] == "http://127.0.0.1:8443/cp"


async def test_each_kind_of_deviation_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with running() as rig:
        body = element("statusNotificationRequest", connectorId=1, status="Available", errorCode="NoError", extra="1")
        await rig.ask(body)
        await rig.ask(body)
    assert sum("element-unknown" in record.getMessage() for record in caplog.records) == 1
