"""The load of the circuits on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from aiohttp import ClientSession

from gateway.load.history import History
from gateway.model.limits.binding import Binding
from gateway.model.limits.reason import LimitName, LimitReason
from gateway.web import load
from tests.gateway.web.loads import SITE, an_hour, look
from tests.gateway.web.sights import Shop, served
from tests.gateway.web.test_server import text_of, update

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def shop() -> Shop:
    made = Shop(load=an_hour())
    made.bindings["AT-1"] = {
        1: Binding(current=10.0, reason=LimitReason.of(LimitName.CIRCUIT, node="garage", phase="L1"), holder="load")
    }
    return made


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[ClientSession]:
    async with served(shop.sight) as address, ClientSession(address) as session:
        yield session


def cells(text: str) -> list[list[str]]:
    """The rows of all tables, without marks."""
    rows = re.findall(r"<tr>(.*?)</tr>", text)
    return [[re.sub("<.*?>", "", each) for each in re.findall(r"<t[hd]>(.*?)</t[hd]>", row)] for row in rows]


async def test_circuits_with_load_and_limit(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    assert "<h2>house &lt;1&gt;</h2>" in text
    rows = cells(text)
    assert ["Load", "45 A", "40 A", "40 A"] in rows
    assert ["of it cars", "10 A", "10 A", "10 A"] in rows
    assert ["Limit", "63 A", "63 A", "63 A"] in rows
    assert ["Limit, lowered now", "20 A", "20 A", "20 A"] in rows
    assert "No meter here" in text
    assert ["AT-1, Charging point 1", "10.0 A", "circuit garage, L1"] in rows
    assert ["AT-1, Charging point 2", "0.0 A", "no car that may charge"] in rows


async def test_the_last_hour_is_drawn(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    drawn = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawn) == 3
    root = ET.fromstring(drawn[0])  # noqa: S314 - our own text
    assert root.findtext("title", "").startswith("house <1>: load in A")
    lines = {each.get("stroke"): each.get("points", "") for each in root.iter("polyline")}
    points = [tuple(map(float, each.split(","))) for each in lines["#e69f00"].split()]
    assert len(points) == 4, "20 A, then 40 A"
    zero, full = 150 - 24, 63 * 1.1
    heights = [(zero - y) / (150 - 24 - 8) * full for _, y in points]
    assert heights == pytest.approx([20, 20, 40, 40], abs=0.1)
    assert points[1][0] == pytest.approx((40 + 620 - 12) / 2, abs=6), "half an hour ago"


async def test_a_page_of_many_circuits_is_not_all_charts(
    browser: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CHARTS", 1)
    text = await text_of(browser, "/")
    assert (text.count("<svg"), text.count("<article>")) == (1, 3)


async def test_at_a_station_only_what_is_above_it(browser: ClientSession) -> None:
    text = await text_of(browser, "/station/AT%7C2")
    assert "<h2>roof</h2>" in text
    assert "<h2>house &lt;1&gt;</h2>" in text
    assert "<h2>garage</h2>" not in text
    assert "AT-1" not in text


async def test_in_german(browser: ClientSession) -> None:
    text = await text_of(browser, "/?lang=de")
    assert "Last der Stromkreise" in text
    assert ["AT-1, Ladepunkt 1", "10,0 A", "Stromkreis garage, L1"] in cells(text)
    assert "page-" not in text.replace("/page.", "")


async def test_a_lost_meter_is_said(shop: Shop, browser: ClientSession) -> None:
    assert isinstance(shop.load, History)
    look(shop.load, 3700.0, None)
    text = await text_of(browser, "/")
    assert ["Load", "-", "-", "-"] in cells(text)
    assert "The meter of this circuit tells nothing" in text


async def test_a_new_load_is_seen_without_asking_again(shop: Shop, browser: ClientSession) -> None:
    assert isinstance(shop.load, History)
    async with browser.get("/events?lang=en") as response:
        assert "45 A" in await update(response)
        look(shop.load, 3611.0, (51.0, 40.0, 40.0))
        assert "51 A" in await update(response)


async def test_the_chart_loads_nothing_and_needs_no_style(browser: ClientSession) -> None:
    text = await text_of(browser, "/")
    assert "http:" not in text
    assert "style=" not in text


@pytest.mark.parametrize("source", [None, History(SITE)])
async def test_without_load_management_there_is_no_section(source: History | None) -> None:
    async with served(Shop(load=source).sight) as address, ClientSession(address) as session:
        assert 'class="load"' not in await text_of(session, "/")
