"""The page over HTTP, as a browser gets it."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from gateway.config.fields import HostPort
from gateway.model.alerts import Alert
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.installation import AlertKind
from gateway.model.limits.binding import Binding
from gateway.model.limits.reason import LimitName, LimitReason
from gateway.model.notices import Notice, NoticeKind
from gateway.web import server
from gateway.web.server import Manner, serve_web
from tests.gateway.web.sights import NOON, TOKEN, Shop, connector, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import ClientResponse


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[ClientSession]:
    async with served(shop.sight) as address, ClientSession(address) as session:
        yield session


async def text_of(browser: ClientSession, path: str, language: str = "en") -> str:
    async with browser.get(path, headers={"Accept-Language": language}) as response:
        assert response.status == 200
        return await response.text()


async def update(response: ClientResponse) -> str:
    """The next server-sent event; comments are passed over."""
    lines: list[str] = []
    async with asyncio.timeout(10):
        while True:
            line = (await response.content.readline()).decode().rstrip("\n")
            if line.startswith("data: "):
                lines.append(line.removeprefix("data: "))
            elif not line and lines:
                return "\n".join(lines)


async def test_every_station_with_what_it_does(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    for part in ("AT-1", "AT|2", "Charging point 1", "charging", "12.35 kWh", "12:00", "faulty", "free"):
        assert part in text


async def test_in_german(browser: ClientSession) -> None:
    text = await text_of(browser, "/", "de-AT,de;q=0.9,en;q=0.1")
    for part in ('<html lang="de">', "Ladepunkt 1", "lädt", "12,35 kWh", "gestört", "frei"):
        assert part in text
    assert 'lang="en"' in await text_of(browser, "/?lang=en", "de")


@pytest.mark.ocpp("C01.FR.08", "C01.FR.09", "C01.FR.12", "C01.FR.13")
@pytest.mark.parametrize(
    ("driver", "shown"),
    [
        ((), "lädt"),
        (("en-GB", "de"), "charging"),
        (("DE-at", "en"), "lädt"),
        (("fr-FR", "de"), "lädt"),
        (("fr", "en-US"), "charging"),
        (("fr", "nl"), "charging"),
    ],
)
async def test_a_driver_is_addressed_in_the_language_of_the_token(
    browser: ClientSession, shop: Shop, driver: tuple[str, ...], shown: str
) -> None:
    shop.languages["AT-1", 1] = driver
    text = await text_of(browser, "/", "de")
    assert f'<p class="state">{shown}</p>' in text
    assert ">gestört<" in text, "at the other EVSE nothing has changed"


async def test_one_station_alone(browser: ClientSession) -> None:
    text = await text_of(browser, "/station/AT%7C2")
    assert "AT|2" in text
    assert "AT-1" not in text


@pytest.mark.parametrize("path", ["/station/AT-9", "/events?station=AT-9", "/secrets", "/station/../page.css/x"])
async def test_what_is_not_there(browser: ClientSession, path: str) -> None:
    async with browser.get(path) as response:
        assert response.status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_nothing_can_be_changed(browser: ClientSession, method: str) -> None:
    async with browser.request(method, "/", data=b"x") as response:
        assert response.status == 405


async def test_who_charges_is_not_shown(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    assert TOKEN[-4:] not in text
    assert "tx-secret" not in text


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/nowhere"])
async def test_headers_keep_the_page_to_itself(browser: ClientSession, path: str) -> None:
    async with browser.get(path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Server" not in response.headers


async def test_all_that_the_page_needs_comes_from_the_box(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    assert "http:" not in text
    assert "https:" not in text
    for path in ("/page.css", "/page.js"):
        assert path in text
        await text_of(browser, path)


async def test_what_comes_from_outside_is_text_only(shop: Shop, browser: ClientSession) -> None:
    evil = '<script>alert("x")</script>'
    shop.notices["AT-1"] = [Notice(kind=NoticeKind.MESSAGE, text=evil, language='"><b'), *_prices(evil)]
    text = await text_of(browser, "/")
    assert "Garage &lt;West&gt;" in text
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 2
    assert '<b"' not in text


def _prices(text: str) -> list[Notice]:
    return [
        Notice(kind=NoticeKind.TARIFF, evse=1, text=text),
        Notice(kind=NoticeKind.COST, evse=1, amount=1234.5, currency="EUR"),
    ]


async def test_messages_and_prices(shop: Shop, browser: ClientSession) -> None:
    shop.notices["AT-1"] = [
        *_prices("45 Cent/kWh"),
        Notice(kind=NoticeKind.MESSAGE, evse=1, text="Willkommen", language="de", in_front=True),
        Notice(kind=NoticeKind.TOTAL, evse=2, text="The bill follows"),
    ]
    text = await text_of(browser, "/?lang=de")
    assert '<p class="message front" lang="de">Willkommen</p>' in text
    assert "1234,50 EUR" in text
    assert "Kosten bisher" in text
    assert text.index("Willkommen") < text.index("45 Cent/kWh")  # nothing overrides a message
    assert text.index("Gesamtkosten") > text.index("Ladepunkt 2")


async def test_an_amount_in_an_unknown_currency(shop: Shop, browser: ClientSession) -> None:
    shop.notices["AT-1"] = [Notice(kind=NoticeKind.TOTAL, evse=1, amount=0.0)]
    assert "<span>0.00</span>" in await text_of(browser, "/")


async def test_what_is_away_is_said(shop: Shop, browser: ClientSession) -> None:
    assert "backend" not in await text_of(browser, "/")
    shop.backend = False
    shop.states["AT-1"] = replace(shop.states["AT-1"], reachable=False)
    text = await text_of(browser, "/station/AT-1")
    assert "No connection to the backend." in text
    assert "The box does not reach the station." in text
    assert "out of service" in text


@pytest.mark.ocpp("G05.FR.04")
async def test_a_fault_is_shown_to_the_driver(shop: Shop, browser: ClientSession) -> None:
    lock = Fault(component="ConnectorPlugRetentionLock", code="ConnectorLockFailure")
    plugged = replace(connector(1, ConnectorStatus.OCCUPIED), faults=(lock,))
    shop.states["AT|2"] = replace(shop.states["AT|2"], connectors=(plugged,))
    assert "ConnectorLockFailure" in await text_of(browser, "/station/AT%7C2")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "12.5 A, circuit &lt;West&gt;"), ("de", "12,5 A, Stromkreis &lt;West&gt;")]
)
async def test_what_limits_an_evse_is_shown(shop: Shop, browser: ClientSession, language: str, text: str) -> None:
    reason = LimitReason.of(LimitName.CIRCUIT, node="<West>")
    built = Binding(current=32.0, reason=LimitReason(code=LimitName.BUILT))
    shop.bindings["AT-1"] = {1: Binding(current=12.5, reason=reason, holder="load"), 2: built}
    page = await text_of(browser, "/", language)
    assert page.count('<p class="limit">') == 1
    assert text in page


@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_limit_has_a_name(shop: Shop, browser: ClientSession, language: str) -> None:
    for name in set(LimitName) - {LimitName.NOTHING, LimitName.BUILT}:
        shop.bindings["AT-1"] = {1: Binding(current=12.5, reason=LimitReason(code=name))}
        page = await text_of(browser, "/", language)
        assert "12" in page.partition('<p class="limit">')[2]
        assert "limit-by" not in page


async def test_a_change_is_seen_without_asking_again(shop: Shop, browser: ClientSession) -> None:
    async with browser.get("/events?station=AT%7C2&lang=de") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert "frei" in await update(response)
        faulted = (connector(1, ConnectorStatus.FAULTED),)
        shop.states["AT|2"] = replace(shop.states["AT|2"], connectors=faulted)
        assert "gestört" in await update(response)


async def test_a_text_of_several_lines_arrives_whole(shop: Shop, browser: ClientSession) -> None:
    shop.notices["AT-1"] = [Notice(kind=NoticeKind.MESSAGE, text="one\ntwo\r\n\nfour")]
    async with browser.get("/events") as response:
        assert "one\ntwo\n\nfour" in await update(response)


async def test_a_quiet_page_tells_that_the_box_is_there(shop: Shop) -> None:
    manner = Manner(look=0.001, alive=0.005)
    async with (
        served(shop.sight, manner) as address,
        ClientSession(address) as session,
        session.get("/events") as response,
        asyncio.timeout(10),
    ):
        await update(response)
        assert (await response.content.readline()).startswith(b":")


async def test_no_more_readers_at_once_than_the_box_can_bear(
    browser: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STREAMS", 1)
    async with browser.get("/events") as first:
        await update(first)
        async with browser.get("/events") as second:
            assert second.status == 503
    async with asyncio.timeout(10):
        while True:  # until the box has noticed that the first has gone
            async with browser.get("/events") as third:
                if third.status == 200:
                    break


async def test_a_port_that_is_taken_is_named(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = HostPort("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(GatewayError) as failure:
            await serve_web(listen, shop.sight, Manner())
    assert failure.value.code == "web-listen-failed"
    assert failure.value.params["address"] == str(listen)


def _alert(severity: int, variable: str, message: str = "", kind: AlertKind = AlertKind.SENSOR) -> Alert:
    ref = VariableRef(component="FloodSensor", component_instance="<sump>", variable=variable)
    return Alert(station="AT-1", ref=ref, kind=kind, severity=severity, value="true", message=message, since=NOON)


async def test_alerts_are_shown_at_their_station(shop: Shop, browser: ClientSession) -> None:
    assert 'class="alerts"' not in await text_of(browser, "/")
    shop.alerts["AT-1"] = [
        _alert(2, "Active", "Wasser im <Schrank>"), _alert(4, "Problem", kind=AlertKind.LOST), _alert(6, "DueSoon", kind=AlertKind.DUE),
    ]  # fmt: skip
    german = await text_of(browser, "/station/AT-1?lang=de")
    for part in (
        "<h2>Meldungen</h2>", '<li class="urgent">', "<b>Systemausfall</b> Wasser im &lt;Schrank&gt;",
        "FloodSensor[&lt;sump&gt;].Active = true, Seit 12:00", "liefert nichts Brauchbares", "bald fällig",
    ):  # fmt: skip
        assert part in german
    assert german.index("Systemausfall") < german.index("Fehler") < german.index("Warnung")
    assert "A sensor tells nothing usable." in await text_of(browser, "/station/AT-1?lang=en")
    assert "Wasser" not in await text_of(browser, "/station/AT%7C2")


async def test_an_alert_is_seen_without_asking_again(shop: Shop, browser: ClientSession) -> None:
    async with browser.get("/events?station=AT-1&lang=en") as response:
        assert "Alerts" not in await update(response)
        shop.alerts["AT-1"] = [_alert(2, "Active", "water")]
        assert "water" in await update(response)
        shop.alerts["AT-1"] = []
        assert "water" not in await update(response)


@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_kind_and_severity_has_a_word(shop: Shop, browser: ClientSession, language: str) -> None:
    for severity in range(10):
        shop.alerts["AT-1"] = [_alert(severity, kind.value, kind=kind) for kind in AlertKind]
        text = await text_of(browser, f"/station/AT-1?lang={language}")
        assert "page-" not in text.replace("/page.", "")
        assert "alert-" not in text
        assert "severity-" not in text
