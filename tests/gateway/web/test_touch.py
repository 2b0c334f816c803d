"""What can be done on the page, where the site file wants it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from gateway.model.station import Capability
from gateway.web.touch import Touch
from tests.gateway.web.sights import Shop, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = "/station/AT-1"


@dataclass
class Counter:
    """The shop, its keypad, and who looks at it."""

    shop: Shop = field(default_factory=Shop)
    answer: str = "accepted"
    open: tuple[int, ...] = ()
    done: list[tuple[str, int, str]] = field(default_factory=list)
    browser: ClientSession = field(init=False)

    def __post_init__(self) -> None:
        runs = frozenset({Capability.BOX_SESSIONS})
        self.shop.states["AT-1"] = replace(self.shop.states["AT-1"], capabilities=runs)

    @property
    def touch(self) -> Touch:
        async def enter(station: str, evse: int, code: str) -> str:
            self.done.append((station, evse, code))
            return self.answer

        async def stop(station: str, evse: int) -> None:
            self.done.append((station, evse, "stop"))

        return Touch(enter=enter, choices=lambda station: self.open if station == "AT-1" else (), stop=stop)

    async def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> tuple[int, str]:
        """Status, and where the answer leads."""
        async with self.browser.post(path, data=form, headers=headers, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", "")

    async def text(self, path: str) -> str:
        async with self.browser.get(path, headers={"Accept-Language": "en"}) as response:
            return await response.text()


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    made = Counter()
    async with served(replace(made.shop.sight, touch=made.touch)) as address, ClientSession(address) as browser:
        made.browser = browser
        yield made


async def test_a_code_is_typed_at_a_station_whose_sessions_the_box_runs(counter: Counter) -> None:
    text = await counter.text(HERE)
    assert '<input name="code" type="password"' in text
    assert "form" not in await counter.text("/station/AT%7C2"), "it has cards of its own"
    assert "<form" not in await counter.text("/"), "nobody knows in front of which"
    assert "Charging point 2" in text


@pytest.mark.parametrize(
    ("answer", "shown"), [("accepted", "is accepted"), ("refused", "is not accepted"), ("wait", "wait a while")]
)
async def test_what_has_come_of_it_is_told(counter: Counter, answer: str, shown: str) -> None:
    counter.answer = answer
    status, where = await counter.post(f"{HERE}/code?lang=en", code=" 4711 ", evse="1")
    assert (status, where) == (303, f"{HERE}?lang=en&told={answer}")
    assert counter.done == [("AT-1", 1, "4711")]
    assert shown in await counter.text(where)
    assert "4711" not in await counter.text(where)
    assert shown not in await counter.text(f"{HERE}?lang=en&told=<b>")


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({"code": "1", "evse": "9"}, {}, 400),
        ({"code": "1", "evse": "x"}, {}, 400),
        ({"code": "1"}, {}, 400),
        ({"code": "1" * 5000, "evse": "1"}, {}, 413),
        ({"code": "1", "evse": "1"}, {"Origin": "http://evil.example"}, 403),
        ({"code": "1", "evse": "1"}, {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_what_the_page_has_not_sent_is_not_taken(
    counter: Counter, form: dict[str, str], headers: dict[str, str], status: int
) -> None:
    assert (await counter.post(f"{HERE}/code", headers, **form))[0] == status
    assert counter.done == []


@pytest.mark.ocpp("C16.FR.01")
async def test_a_master_pass_chooses_what_it_stops(counter: Counter) -> None:
    assert 'class="stop"' not in await counter.text(HERE)
    assert (await counter.post(f"{HERE}/stop", evse="0"))[0] == 403, "nobody has shown one"
    counter.open = (1,)
    text = await counter.text(HERE)
    for part in ("What is to be stopped?", '<button name="evse" value="1">', '<button name="evse" value="0">All'):
        assert part in text
    assert (await counter.post(f"{HERE}/stop", evse="2"))[0] == 403, "nothing runs there"
    assert (await counter.post(f"{HERE}/stop", evse="1"))[0] == 303
    assert (await counter.post(f"{HERE}/stop", evse="0"))[0] == 303
    assert counter.done == [("AT-1", 1, "stop"), ("AT-1", 0, "stop")]


async def test_forms_go_nowhere_else(counter: Counter) -> None:
    async with counter.browser.get(HERE) as response:
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]


async def test_a_page_that_is_only_read_takes_nothing() -> None:
    async with served(Counter().shop.sight) as address, ClientSession(address) as browser:
        for path in (f"{HERE}/code", f"{HERE}/stop"):
            async with browser.post(path, data={"evse": "1", "code": "1"}) as response:
                assert response.status == 404
        async with browser.get(HERE) as response:
            assert "<form" not in await response.text()
            assert "form-action 'none'" in response.headers["Content-Security-Policy"]
