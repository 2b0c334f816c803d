"""Signs of life, silence, and who may speak when."""

from __future__ import annotations

import asyncio

import pytest

from adapters.ocpp1x.patience import Patience
from adapters.ocpp_soap.config import SiteConfig, StationConfig
from adapters.ocpp_soap.own_address import OwnAddress
from gateway.config.fields import HostPort
from gateway.model import commands as cmd
from gateway.model.commands import ResetKind, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import StationFound, StationLost
from gateway.model.ids import Place
from tests.adapters.ocpp_soap.rig import NAME, NOW, STATION, element, running, settings, station, status
from tests.fakes.southbound import FakeBox

HEARTBEAT = "<c:heartbeatRequest/>"
AUTHORIZE = element("authorizeRequest", idTag="A")
RESET = cmd.Reset(place=Place(station=STATION), kind=ResetKind.IMMEDIATE)
SHORT = Patience(heartbeat=0, silence_least=0.05)


async def test_silence_is_a_loss_and_any_message_brings_the_station_back() -> None:
    async with running(patience=SHORT) as rig:
        await rig.ask(HEARTBEAT)
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))
        await rig.ask(AUTHORIZE)
        kinds = [type(event) for event in rig.box.events if isinstance(event, StationFound | StationLost)]
        assert kinds[:3] == [StationFound, StationLost, StationFound]


async def test_a_station_that_never_came_back_after_a_restart_is_lost_once() -> None:
    async with running(patience=SHORT) as rig:
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))
        assert [type(event) for event in rig.box.events] == [StationLost]


async def test_a_loss_that_cannot_be_kept_is_told_again() -> None:
    async with running(patience=SHORT) as rig:
        await rig.ask(HEARTBEAT)
        rig.box.disk_full = True
        assert await rig.dropped(element("firmwareStatusNotificationRequest", status="Installed"))
        rig.box.disk_full = False
        await rig.box.until(lambda: bool(rig.box.of(StationLost)))


async def test_a_station_is_found_only_once_that_is_kept() -> None:
    async with running() as rig:
        rig.box.disk_full = True
        assert await rig.dropped(HEARTBEAT)
        rig.box.disk_full = False
        await rig.ask(HEARTBEAT)
        assert [type(event) for event in rig.box.events] == [StationFound]


async def test_usual_times() -> None:
    assert Patience().silence == 900
    assert Patience(heartbeat=600).silence == 1800


async def test_a_station_is_not_called_while_it_waits_for_an_answer() -> None:
    async with station(status("resetResponse")) as fake:
        options = StationConfig(charge_box_identity=NAME, callback_url=fake.url)
        async with running(settings(options)) as rig:
            rig.box.hold.clear()
            asking = asyncio.create_task(rig.ask(AUTHORIZE))
            await rig.box.until(lambda: bool(rig.box.asked))
            command = asyncio.create_task(rig.adapter.execute(RESET))
            # Another whole exchange with the box in between: time enough for a call that should not be made.
            await rig.ask(HEARTBEAT)
            assert not fake.calls
            rig.box.hold.set()
            await asking
            assert (await command).verdict is Verdict.ACCEPTED


async def test_a_station_that_never_gets_its_answer_is_busy_not_called() -> None:
    async with station(status("resetResponse")) as fake:
        options = StationConfig(charge_box_identity=NAME, callback_url=fake.url)
        async with running(settings(options), patience=Patience(exchange=0.05)) as rig:
            rig.box.hold.clear()
            asking = asyncio.create_task(rig.ask(AUTHORIZE))
            await rig.box.until(lambda: bool(rig.box.asked))
            assert (await rig.adapter.execute(RESET)).verdict is Verdict.UNREACHABLE
            assert not fake.calls
            rig.box.hold.set()
            await asking


async def test_a_station_that_does_not_answer_in_time() -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"</s:Envelope>")
        asked.set()
        await answered.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        options = StationConfig(charge_box_identity=NAME, callback_url=url)
        async with running(settings(options), patience=Patience(call=0.1)) as rig:
            first = asyncio.create_task(rig.adapter.execute(RESET))
            await asked.wait()
            asked.clear()
            second = asyncio.create_task(rig.adapter.execute(RESET))
            await rig.ask(HEARTBEAT)
            assert not asked.is_set()  # one call at a time
            assert (await first).verdict is Verdict.UNANSWERED
            assert (await second).verdict is Verdict.UNANSWERED
            assert asked.is_set()
    finally:
        answered.set()
        server.close()
        await server.wait_closed()


async def test_a_vendors_message_without_answer_is_refused() -> None:
    async with running(patience=Patience(vendor=0.05)) as rig:
        rig.box.hold.clear()
        answer = await rig.ask(element("dataTransferRequest", vendorId="v"))
        assert answer[0].text == "Rejected"


async def test_where_the_station_calls_from_is_tried_after_the_host_that_it_names() -> None:
    async with station(status("resetResponse")) as fake, running() as rig:
        port = fake.url.rsplit(":", 1)[1]
        # Nothing listens at .9; the station itself calls from .1.
        await rig.ask(HEARTBEAT, from_url=f"http://127.0.0.9:{port}")
        assert (await rig.adapter.execute(RESET)).verdict is Verdict.UNREACHABLE
        assert (await rig.adapter.execute(RESET)).verdict is Verdict.ACCEPTED
        await rig.ask(HEARTBEAT, from_url=f"http://127.0.0.9:{port}")
        assert (await rig.adapter.execute(RESET)).verdict is Verdict.ACCEPTED


async def test_an_address_that_is_taken_is_a_failure_with_a_name() -> None:
    async with running() as rig:
        host, port = rig.adapter.address
        other = type(rig.adapter)(SiteConfig(listen=HostPort(host, port)), [settings()])
        with pytest.raises(GatewayError, match="listen-failed"):
            await other.run(FakeBox([NOW]))
    with pytest.raises(GatewayError, match="southbound-section-missing"):
        type(rig.adapter)(None, [])


@pytest.mark.parametrize(
    ("listening", "base", "expected"),
    [
        ("0.0.0.0", None, "http://127.0.0.1:8080/ocpp"),
        ("10.0.0.1", None, "http://10.0.0.1:8080/ocpp"),
        ("0.0.0.0", "http://box.example:80", "http://box.example:80/ocpp"),
        ("0.0.0.0", "http://box.example:80/x", "http://box.example:80/x"),
    ],
)
async def test_the_url_that_stations_are_told(listening: str, base: str | None, expected: str) -> None:
    assert await OwnAddress((listening, 8080), "/ocpp", base).url("127.0.0.1") == expected
