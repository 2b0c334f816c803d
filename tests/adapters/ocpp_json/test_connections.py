"""Who may connect, how, and what becomes of connections."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import WSServerHandshakeError
from pydantic import SecretStr

from adapters.ocpp_json.adapter import OcppJsonAdapter
from adapters.ocpp_json.config import StationConfig, TlsFiles
from adapters.ocpp_json.patience import Patience
from gateway.model.commands import Reset, ResetKind
from gateway.model.errors import GatewayError
from gateway.model.events import StationFound, StationLost
from gateway.model.ids import Place
from tests.adapters.ocpp_json.rig import KEY, NAME, STAMP, STATION, Rig, running, settings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = settings(station_password=SecretStr(KEY))


async def refused(rig: Rig, name: str = NAME, **given: Any) -> int:
    with pytest.raises(WSServerHandshakeError) as raised:
        async with rig.station(name, **given):
            pass
    return raised.value.status


async def test_an_identity_that_no_station_has_is_not_found_and_noted() -> None:
    async with running() as rig:
        assert await refused(rig, "STRANGER") == 404
        assert rig.box.strangers == [("STRANGER", "127.0.0.1")]
        assert rig.box.events == []


async def test_capitals_of_an_identity_do_not_matter() -> None:
    async with running() as rig, rig.station(NAME.lower()) as station:
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}


async def test_another_path_is_not_found() -> None:
    async with running() as rig:
        for url in (rig.url(path="/elsewhere"), rig.url(path="/ocpp16/x"), rig.url("", path="")):
            async with rig.http.get(url) as answer:
                assert answer.status == 404
        assert rig.box.strangers == []


@pytest.mark.parametrize("said", [b"", b"GET /ocpp16/x HTTP/1.1\r\nHost: "])
async def test_who_connects_and_asks_for_nothing_is_sent_away(said: bytes) -> None:
    async with running(patience=Patience(idle=0.05, greeting=60.0)) as rig, rig.station() as station:
        reader, writer = await asyncio.open_connection(*rig.adapter.address)
        writer.write(said)
        async with asyncio.timeout(5):
            await reader.read()
        writer.close()
        await writer.wait_closed()
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}


async def test_an_address_that_is_not_allowed_is_forbidden() -> None:
    async with running(networks=("10.0.0.0/8",)) as rig:
        assert await refused(rig) == 403


async def test_a_plain_request_is_no_connection() -> None:
    async with running() as rig, rig.http.get(rig.url()) as answer:
        assert answer.status == 400


@pytest.mark.parametrize("protocols", [(), ("ocpp1.5",), ("ocpp2.0.1", "ocpp1.2")])
async def test_another_subprotocol_gets_none_and_is_closed(
    protocols: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with running() as rig, rig.station(protocols=protocols) as station:
        assert station.socket.protocol is None
        assert await station.closed() == 1002
        async with rig.station(protocols=protocols) as again:
            assert await again.closed() == 1002
        assert rig.box.events == []
    assert len([record for record in caplog.records if "subprotocol-refused" in record.getMessage()]) == 1


async def test_the_subprotocol_may_be_one_of_several() -> None:
    async with running() as rig, rig.station(protocols=("ocpp2.0.1", "ocpp1.6", "ocpp1.5")) as station:
        assert station.socket.protocol == "ocpp1.6"


async def test_a_password_is_needed_where_one_is_set() -> None:
    async with running(SECRET) as rig:
        async with rig.http.get(rig.url()) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert await refused(rig, key="wrong") == 401
        assert await refused(rig, key=KEY, user="SOMEBODY") == 401
        for key in (KEY, bytes.fromhex(KEY)):
            async with rig.station(key=key) as station:
                assert await station.ask("Heartbeat") == {"currentTime": STAMP}


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer x", "Basic YQ==", "Basic Og=="])
async def test_a_header_that_is_none_is_no_password(header: str) -> None:
    async with running(SECRET) as rig, rig.http.get(rig.url(), headers={"Authorization": header}) as answer:
        assert answer.status == 401


async def test_a_password_that_nobody_has_asked_for_does_no_harm() -> None:
    async with running() as rig, rig.station(key="anything") as station:
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}


async def test_a_password_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("with:colon and more\n")
    async with (
        running(settings(station_password_file=file)) as rig,
        rig.station(key="with:colon and more") as station,
    ):
        assert await station.ask("Heartbeat") == {"currentTime": STAMP}
    file.write_text("\n")
    with pytest.raises(GatewayError, match="password-empty"):
        async with running(settings(station_password_file=file)):
            pass
    with pytest.raises(GatewayError, match="file-unreadable"):
        async with running(settings(station_password_file=tmp_path / "none")):
            pass


async def test_no_password_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with running(SECRET) as rig:
        await refused(rig, key="my-guess")
        async with rig.station(key=KEY) as station:
            await station.ask("Heartbeat")
    assert "my-guess" not in caplog.text
    assert KEY not in caplog.text


def test_one_password_is_enough(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="password"):
        StationConfig(charge_box_identity="A", station_password=SecretStr("x"), station_password_file=tmp_path / "key")


async def test_a_new_connection_takes_the_place_of_the_old() -> None:
    async with running() as rig, rig.station() as old:
        await old.ask("Heartbeat")
        async with rig.station() as new:
            assert await old.closed() == 1001
            await new.ask("Heartbeat")
            task = asyncio.create_task(new.serve())
            reset = Reset(place=Place(station=STATION), kind=ResetKind.IMMEDIATE)
            assert (await rig.adapter.execute(reset)).accepted
            assert new.calls == [("Reset", {"type": "Hard"})]
            await new.socket.close()
            await task
        assert rig.box.of(StationLost) == []


async def test_a_station_without_connection_is_lost_after_a_while_and_found_again() -> None:
    async with running(patience=Patience(absence=0.01, settle=0.0, greeting=60.0)) as rig:
        async with rig.station() as station:
            await station.ask("Heartbeat")
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))
        async with rig.station() as station:
            await station.ask("Heartbeat")
        assert len(rig.box.of(StationFound)) == 2


async def test_a_station_that_does_not_come_after_the_start_is_lost() -> None:
    async with running(patience=Patience(arrival=0.01, greeting=60.0)) as rig:
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))


async def test_a_station_that_comes_back_in_time_is_not_lost() -> None:
    async with running() as rig:
        for _ in range(2):
            async with rig.station() as station:
                await station.ask("Heartbeat")
        assert len(rig.box.events) == 1


async def test_a_station_that_comes_back_is_asked_how_it_stands() -> None:
    async with running(patience=Patience(greeting=0.0, settle=0.0)) as rig, rig.station() as station:
        station.answers["GetConfiguration"] = {
            "configurationKey": [{"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,RemoteTrigger"}]
        }
        task = asyncio.create_task(station.serve())
        async with asyncio.timeout(5):
            while len(station.calls) < 3:
                station.called.clear()
                await station.called.wait()
        assert [payload.get("requestedMessage", action) for action, payload in station.calls] == [
            "GetConfiguration",
            "BootNotification",
            "StatusNotification",
        ]
        await station.socket.close()
        await task


async def test_a_dead_connection_is_noticed_by_its_missing_pong() -> None:
    patience = Patience(ping=0.05, absence=0.01, settle=0.0, greeting=60.0)
    async with (
        running(patience=patience) as rig,
        rig.http.ws_connect(rig.url(), protocols=("ocpp1.6",), autoping=False),
    ):
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))


async def test_stations_are_sent_away_when_the_box_stops() -> None:
    async with running() as rig, rig.station() as station:
        await station.ask("Heartbeat")
        rig.task.cancel()
        assert await station.closed() == 1001


async def test_a_connection_over_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    key.write_bytes(issued.private_key_pem.bytes())
    trusting = await asyncio.to_thread(ssl.create_default_context)
    authority.configure_trust(trusting)
    async with running(SECRET, tls=TlsFiles(cert_file=chain, key_file=key)) as rig:
        async with rig.station(tls=trusting, key=KEY) as station:
            assert await station.ask("Heartbeat") == {"currentTime": STAMP}
        assert await refused(rig, tls=trusting, key="x") == 401
    with pytest.raises(GatewayError, match="listen-failed"):
        async with running(tls=TlsFiles(cert_file=tmp_path / "none", key_file=key)):
            pass


async def test_a_port_that_is_taken_is_told() -> None:
    async with running() as rig:
        site = rig.adapter._site
        taken = type(site)(listen=type(site.listen)("127.0.0.1", rig.adapter.address[1]))
        with pytest.raises(GatewayError, match="listen-failed"):
            await OcppJsonAdapter(taken, []).run(rig.box)


def test_the_site_has_to_say_where_to_listen() -> None:
    with pytest.raises(GatewayError, match="southbound-section-missing"):
        OcppJsonAdapter(None, [])
