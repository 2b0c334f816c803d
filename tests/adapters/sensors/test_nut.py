"""A UPS behind a real upsd, and behind one that says odd things."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pydantic import ValidationError

from adapters.sensors.nut import Nut
from gateway.contracts.sensing import SensorSettings
from tests.adapters.sensors.upsd import nut, scripted
from tests.fakes.panel import FakePanel
from tests.ports import free_port
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.model.sensing import Value

ON_LINE = {
    "ups.status": "OL CHRG",
    "battery.charge": "87",
    "battery.runtime": "1830",
    "input.voltage": "231.4",
    "ups.load": "12",
    "ups.temperature": "29.5",
    "outlet.1.status": "on",
    "device.serial": "0012",
}
SMALL = 'BEGIN LIST VAR ups\nVAR ups ups.status "OL"\nEND LIST VAR ups\n'
LONG = "x" * 70_000


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.sensors.polled.RETRY", 0.05)


def settings(port: int, name: str = "supply", **keys: Any) -> SensorSettings:
    options = Nut.Keys.model_validate({"upsd": f"127.0.0.1:{port}", "poll": 0.05, **keys})
    return SensorSettings(name=name, points=frozenset(), options=options)


async def reading(port: int, **keys: Any) -> Mapping[str, Value] | str:
    """What the first reading gives: values, or the code of the loss."""
    panel = FakePanel()
    async with running(Nut([settings(port, **keys)]).run(panel)):
        await panel.until(lambda it: bool(it.values or it.losses))
    return panel.losses[0][1].code if panel.losses else panel.values[0][1]


def last(panel: FakePanel) -> Mapping[str, Value]:
    return panel.values[-1][1] if panel.values else {}


async def shown(panel: FakePanel, expected: Mapping[str, Value]) -> None:
    """Wait until all of this is so: the driver tells upsd one variable after the other."""
    await panel.until(lambda it: expected.items() <= last(it).items())


async def test_a_ups_tells_of_its_battery_its_mains_and_its_load(tmp_path: Path) -> None:
    panel = FakePanel()
    async with nut(tmp_path, ON_LINE) as upsd:
        kind = Nut([settings(upsd.port, ups="garage", variables=["outlet.1.status"])])
        async with running(kind.run(panel)):
            await shown(panel, {
                "battery.charge": 87.0, "battery.runtime": 1830.0, "input.voltage": 231.4, "ups.load": 12.0,
                "ups.temperature": 29.5, "ups.status": "OL CHRG", "outlet.1.status": "on", "device.serial": "0012",
            })  # fmt: skip
            assert {name for name, value in last(panel).items() if value is True} == {"online", "charging"}
            upsd.show({**ON_LINE, "ups.status": "OB DISCHRG LB RB", "battery.charge": "9"})
            await shown(panel, {
                "on_battery": True, "low_battery": True, "replace_battery": True, "online": False, "battery.charge": 9.0,
            })  # fmt: skip


async def test_a_ups_that_upsd_has_lost_is_lost_until_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    panel = FakePanel()
    async with nut(tmp_path, ON_LINE) as upsd, running(Nut([settings(upsd.port, ups="garage")]).run(panel)):
        await panel.until(lambda it: bool(it.values))
        caplog.clear()
        panel.losses.clear()
        await upsd.stop("dummy-ups")
        await panel.until(lambda it: any(error.code == "nut-stale" for _, error in it.losses))
        panel.values.clear()
        await upsd.start("dummy-ups")
        await panel.until(lambda it: last(it).get("battery.charge") == 87.0)
        await upsd.stop("upsd")
        await panel.until(lambda it: it.losses[-1][1].code == "nut-unreachable")
    messages = [record.getMessage() for record in caplog.records]
    assert [("nut-stale" in each, each.endswith("back")) for each in messages[:2]] == [(True, False), (False, True)]


async def test_a_ups_that_upsd_does_not_know_is_no_matter_of_another(tmp_path: Path) -> None:
    panel = FakePanel()
    async with nut(tmp_path, ON_LINE) as upsd:
        kind = Nut([settings(upsd.port, "a", ups="garage"), settings(upsd.port, "b", ups="cellar")])
        async with running(kind.run(panel)):
            await panel.until(lambda it: any(error.code == "nut-refused" for _, error in it.losses) and bool(it.values))
    assert {name for name, _ in panel.values} == {"a"}
    refused = next(error for _, error in panel.losses if error.code == "nut-refused")
    assert refused.params == {"name": "cellar", "reason": "UNKNOWN-UPS"}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (["ERR DATA-STALE\n"], "nut-stale"),
        (["ERR DRIVER-NOT-CONNECTED\n"], "nut-stale"),
        ([SMALL.replace("OL", "WAIT")], "nut-stale"),
        (["ERR ACCESS-DENIED\n"], "nut-refused"),
        (["HTTP/1.1 400 Bad Request\r\n"], "nut-answer"),
        (['BEGIN LIST VAR ups\nVAR ups ups.status "OL\n'], "nut-answer"),
        ([LONG], "nut-answer"),
        ([None], "nut-unreachable"),
        (["BEGIN LIST"], "nut-unreachable"),  # and no more
    ],
)
async def test_what_is_no_reading_is_a_loss(
    answers: list[str | None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sensors.nut_link.ANSWER", 0.5)
    async with scripted(answers) as server:
        assert await reading(server.port) == code


async def test_no_upsd_is_a_loss() -> None:
    assert await reading(free_port()) == "nut-unreachable"


async def test_a_quantity_without_a_number_is_left_out() -> None:
    async with scripted(['BEGIN LIST VAR ups\nVAR ups battery.charge "n/a"\nEND LIST VAR ups\n']) as server:
        assert await reading(server.port) == {}


async def test_sensors_share_a_connection_and_one_that_upsd_has_ended_is_made_again() -> None:
    kind = Nut([])
    async with scripted([SMALL, SMALL.replace("ups\n", "other\n"), None, SMALL]) as server:
        for name in ("ups", "other", "ups"):
            assert (await kind.ask(settings(server.port, ups=name)))["online"] is True
        assert server.connections == 2
        await kind.run(FakePanel())  # has no sensor to ask, and ends the connection


async def test_with_tls_nothing_is_asked_before_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    trustme.CA().cert_pem.write_to_path(str(other))
    async with scripted(["OK STARTTLS\n", SMALL], context) as server:
        panel = FakePanel()
        async with running(Nut([settings(server.port, tls=True, ca_file=str(ca_file))]).run(panel)):
            await panel.until(lambda it: bool(it.values))
        assert server.asked == ["STARTTLS", "LIST VAR ups"]
    for answer, file, code in (
        ("OK STARTTLS\n", other, "nut-unreachable"),  # signed by somebody else
        ("ERR FEATURE-NOT-CONFIGURED\n", ca_file, "nut-refused"),
        ("OK STARTTLS\n" + SMALL, ca_file, "nut-refused"),  # somebody on the way speaks for upsd
        (None, ca_file, "nut-unreachable"),
    ):
        async with scripted([answer], context) as server:
            assert await reading(server.port, tls=True, ca_file=str(file)) == code
            assert server.asked == ["STARTTLS"]


@pytest.mark.parametrize("keys", [{"ups": "a b"}, {"ups": "a\nFSD"}, {"variables": ["x y"]}, {"upsd": "localhost"}])
def test_names_are_words_of_the_protocol(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Nut.Keys.model_validate(keys)
