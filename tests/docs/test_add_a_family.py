"""The page "Add a family of stations": what it shows is what happens."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.cli import main
from gateway.cli.tools import Tools
from gateway.family.lint import examine
from gateway.family.roundtrip import lost
from gateway.family.vectors import check
from gateway.locale import Catalogue

if TYPE_CHECKING:
    from asyncio.subprocess import Process

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-family.md"


def block(name: str) -> str:
    """The TOML block that begins with this file's name."""
    found = re.search(rf"```toml\n(# {re.escape(name)}\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The site of the page, as it lies on a box."""
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "acme-a16.toml").write_text(block("families/acme-a16.toml"), encoding="utf-8")
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "secrets" / "csms.password").write_text("0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "secrets" / "csms.password").chmod(0o600)
    file = tmp_path / "site.toml"
    file.write_text(block("site.toml"), encoding="utf-8")
    return file


def call(*arguments: object) -> int:
    return main([str(each) for each in arguments], Tools(catalogue=Catalogue.load("en")))


def test_the_family_of_the_page_has_only_the_warning_that_the_page_shows(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("family", "lint", "acme-a16", "--site", site) == 0
    told = capsys.readouterr().out.split("\n")
    page = PAGE.read_text(encoding="utf-8")
    assert told[0] in page
    assert told[1].replace(str(site.parent), "/etc/stationlift") in page
    assert [each.code for each in examine(site.parent / "families" / "acme-a16.toml").findings] == ["family-unverified"]


def test_its_vectors_are_as_stated_and_nothing_is_lost(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("family", "test", "acme-a16", "--site", site) == 0
    told = capsys.readouterr().out.replace(str(site.parent), "/etc/stationlift")
    assert told in PAGE.read_text(encoding="utf-8")
    file = examine(site.parent / "families" / "acme-a16.toml").file
    assert file is not None
    assert [each for each in check(file) if not each.ok] == []
    assert lost(file.with_variants(["whole-amperes"])) == ()


def test_a_box_would_run_with_the_site_file_of_the_page(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", site) == 0, capsys.readouterr().out


def test_the_page_knows_every_kind() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for kind in ("modbus", "modbus-ascii", "ascii-line", "mqtt", "http-json", "udp-json"):
        assert f"| `{kind}` |" in page


def test_the_new_file_of_the_page_is_written_where_it_says(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site.parent / "families" / "acme-a16.toml").unlink()
    assert call("family", "new", "acme-a16", "--kind", "modbus", "--site", site) == 0
    told = capsys.readouterr().out.replace(str(site.parent), "/etc/stationlift")
    assert told in PAGE.read_text(encoding="utf-8")


async def started(*arguments: str, folder: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments, cwd=folder, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def ended(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def test_a_dry_run_at_the_simulated_station_shows_what_the_page_shows(site: Path) -> None:
    async with asyncio.timeout(40), AsyncExitStack() as stack:
        station = await started("bench", "station", "--family", "acme-a16", "--control", "-", folder=site.parent)
        stack.push_async_callback(ended, station)
        assert station.stdout is not None
        ready = json.loads(await station.stdout.readline())
        text = block("site.toml").replace("192.168.1.40", ready["connection"]["tcp"])
        await asyncio.to_thread(site.write_text, text, encoding="utf-8")
        box = await started("run", "--dry-run", "site.toml", folder=site.parent)
        stack.push_async_callback(ended, box)
        assert box.stdout is not None
        boot = json.loads(await box.stdout.readline())
        status = json.loads(await box.stdout.readline())
    assert ready["ready"] == "acme-a16"
    assert (boot["station"], boot["action"]) == ("AT-ACME-0001", "BootNotification")
    assert boot["payload"]["chargingStation"]["vendorName"] == "Acme"
    assert status["action"] == "StatusNotification"
    assert status["payload"]["connectorStatus"] == "Available"
