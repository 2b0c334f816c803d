"""A technician tests at the running box."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.cli import trial_steps
from tests.e2e.certification.stage import Stage
from tests.e2e.pair import pair
from tests.e2e.test_sensors import Cabinet
from tests.gateway.cli.running import call, installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.pair import Pair

SITE = """
[[sensor]]
name = "rail"
kind = "hwmon"
chip = "sht3x"
poll = 0.1
component = "InternalTemperatureSensor"
plausible = [-40, 120]
folder = "{folder}"

[[inspection]]
component = "FiscalMetering"
evse = 1
every = "8 years"
last = 2010-01-10
"""


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Pair]:
    Cabinet(tmp_path / "hwmon")
    async with pair(tmp_path, more=SITE.format(folder=tmp_path / "hwmon")) as made:
        yield made


async def outcome_of(both: Pair, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and protocol of a test."""
    box = both.world.box
    what, *rest = words
    code = await asyncio.to_thread(
        call, "test", what, box.site, *rest, "--yes", "--seconds", "1", language="de", adapters=installed
    )
    return code, await asyncio.to_thread(_last, box.data_dir / "protocols")


def _last(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(max(folder.glob("*.json")).read_text("utf-8"))
    return found


async def test_a_sensor(both: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    code, protocol = await outcome_of(both, "sensor", "rail")
    assert code == 0
    assert protocol["measured"] == {"TemperatureSensor.Temperature": "25.0 Celsius"}
    assert [(each["name"], each["verdict"]) for each in protocol["checks"]] == [
        ("quality", "passed"),
        ("plausible", "passed"),
    ]
    assert "bestanden" in capsys.readouterr().out


async def test_a_meter_in_a_charge_is_its_inspection(both: Pair) -> None:
    family = both.sides[1]
    assert (await outcome_of(both, "meter", f"{family.identity}/1"))[0] == 1  # nothing charges
    await Stage(both=both, side=family).charge()
    code, protocol = await outcome_of(
        both, "meter", family.identity, "1", "--inspection", "FiscalMetering", "--by", "Eva"
    )
    assert (code, protocol["result"], protocol["inspection"]) == (0, "passed", "FiscalMetering"), protocol
    meter = {"name": "FiscalMetering", "evse": {"id": 1}}
    assert (await family.value(meter, "InspectionOverdue"))["attributeValue"] == "false"


async def test_a_limit_is_followed_and_given_up(both: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_steps, "LOOK", 0.3)
    family = both.sides[1]
    await Stage(both=both, side=family).charge()
    code, protocol = await outcome_of(both, "limit", family.identity, "1")
    assert (code, [each["name"] for each in protocol["checks"]]) == (0, ["lowered", "restored"]), protocol
    assert protocol["result"] == "passed"


async def test_an_output_that_is_none(both: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    box = both.world.box
    code = await asyncio.to_thread(call, "test", "relay", box.site, "rail", "--yes", adapters=installed)
    assert code == 1
    assert "test-not-switched" in capsys.readouterr().err
