"""The page "Connect a wallbox without OCPP", and what the README says of it: what they show is what happens."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.cli.tools import Tools
from gateway.family.library import all_families
from gateway.locale import Catalogue

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "connect-a-wallbox.md"
CODE = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def call(*arguments: object) -> int:
    return main([str(each) for each in arguments], Tools(catalogue=Catalogue.load("en")))


def site_file() -> str:
    found = re.search(r"```toml\n(# site.toml\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_a_box_would_run_with_the_site_file_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.toml"
    file.write_text(site_file(), encoding="utf-8")
    assert call("check", "--strict", "--no-files", file) == 0, capsys.readouterr().out


def test_every_code_in_the_table_of_faults_has_a_text() -> None:
    table = PAGE.read_text(encoding="utf-8").split("## When it does not work")[1]
    codes = {code for line in table.splitlines() for code in CODE.findall("|".join(line.split("|")[:2]))}
    known = Catalogue.load("en")
    assert len(codes) > 10
    assert [code for code in sorted(codes) if code not in known] == []


@pytest.mark.parametrize("text", ["scan-garbled", "scan-other-unit", "scan-gateway", "scan-open"])
def test_what_a_scan_says_is_in_the_table(text: str) -> None:
    values = dict.fromkeys(("how", "other", "asked"), "?")
    told = Catalogue.load("en").text(text, values).message.split(" (")[0].split(": ")[0].rstrip("?")
    assert told in PAGE.read_text(encoding="utf-8")


def test_the_table_of_the_readme_claims_no_more_families_than_there_are() -> None:
    found = re.search(
        r"(\d+) families of stations and (\d+) of meters", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    assert found is not None
    meters = sum('role = "meter"' in path.read_text(encoding="utf-8") for path in all_families().values())
    assert int(found[1]) <= len(all_families()) - meters
    assert int(found[2]) <= meters


async def test_a_probe_of_the_simulated_station_shows_what_the_page_shows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = page.split("point             value\n")[1].split("```")[0]
    wanted = [line.split() for line in shown.splitlines() if line.strip() and "..." not in line]
    async with asyncio.timeout(40):
        station = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "bench", "station", "--family", "heidelberg-ec", "--control", "-"),
            stdin=PIPE,
            stdout=PIPE,
        )
        try:
            assert station.stdout is not None
            ready = json.loads(await station.stdout.readline())
            place = f'{{ serial = "{ready["connection"]["serial"]}", unit = {ready["connection"]["unit"]} }}'
            probe = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway", "--lang", "en", "family", "probe", "heidelberg-ec"),
                *("--connection", place),
                stdout=PIPE,
                stderr=PIPE,
            )
            told, summary = await probe.communicate()
        finally:
            station.terminate()
            await station.communicate()
    lines = [line.split() for line in (told + summary).decode().splitlines()]
    assert [each for each in wanted if each not in lines] == []
    assert set(ready) == {"ready", "kind", "connection"}
