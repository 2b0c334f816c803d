"""`stationlift load simulate` for a site of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.gateway.cli.running import call, installed
from tests.gateway.config.samples import FIELD_CONFIGS, GOOD, write_site

if TYPE_CHECKING:
    from pathlib import Path

SITE = FIELD_CONFIGS / "load-management.toml"
SVG = "{http://www.w3.org/2000/svg}"
EVENING = ("--days", 0.03, "--begin", "19:30", "--seed", 7)


def simulate(*arguments: object, language: str = "en") -> int:
    return call("load", "simulate", *arguments, language=language, adapters=installed)


def test_an_evening_with_a_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "evening.svg"
    assert simulate(SITE, *EVENING, "--plot", file) == 0
    told = capsys.readouterr().out
    assert told.startswith("House 7, garage: 0.03 d from Monday 19:30, seed 7\n")
    assert "No fuse was overloaded." in told
    figures = dict(re.findall(r"^(.+?) {2,}([\d.]+) +[\d.]+$", told, re.MULTILINE))
    assert float(figures["Energy delivered (kWh)"]) > 1
    assert float(figures["  longer than 10 s after its cause (s)"]) == 0
    root = ET.parse(file).getroot()  # noqa: S314 - our own file
    texts = [each.text for each in root.iter(f"{SVG}text")]
    for part in ("house", "garage", "chargers", "cabinet", "DE-EBE-0201/1 (16 A)", "20:00", "L1", "limit", "Load in A"):
        assert part in texts
    _, *limits = [each for each in root.iter(f"{SVG}polyline") if each.get("stroke-dasharray")]
    assert len(limits) == 4, "one of each circuit, and the legend"
    chargers = [float(point.partition(",")[2]) for point in limits[2].get("points", "").split()]
    assert max(chargers) > min(chargers), "the plan ends at 20:00"


def test_the_same_seed_is_the_same_day(capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ("--days", 0.01, "--begin", "18:00", "--no-comparison")
    told = []
    for seed in (3, 3, 4):
        assert simulate(SITE, *tiny, "--seed", seed) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert told[0] != told[2]
    assert "equal sharing" not in told[0]


def test_in_german_with_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "day.png"
    assert simulate(SITE, "--days", 0.01, "--cars", "home", "--no-faults", "--plot", file, language="de") == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    told = capsys.readouterr().out
    assert "Lastmanagement" in told
    assert "Keine Sicherung wurde überlastet." in told
    assert "sim-" not in told


def test_a_site_without_circuits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(write_site(tmp_path, GOOD)) == 1
    assert "error[simulate-nothing]" in capsys.readouterr().err


def test_a_site_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(write_site(tmp_path, GOOD.replace("sType2", "sType9"))) == 1
    assert "sType9" in capsys.readouterr().err


def test_a_plot_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(SITE, "--days", 0.01, "--no-comparison", "--plot", tmp_path / "none" / "plot.svg") == 1
    assert "error[simulate-plot]" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("--days", "0"), ("--days", "nan"), ("--begin", "24:00"), ("--plot", "day.gif"), ("--cars", "train")]
)
def test_misuse(words: tuple[str, ...]) -> None:
    assert simulate(SITE, *words) == 2
