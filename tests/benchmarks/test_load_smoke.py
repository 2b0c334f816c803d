"""A short run of the benchmark of load management: every wallbox goes down, and the loop is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]


def short(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.load", *words, "--json", str(file)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55, check=False)
    # So short a run says nothing about the goal: 1 is as good as 0.
    assert run.returncode in {0, 1}, run.stderr
    return run


def test_short_run_gives_every_figure(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    run = short(file, "--stations", "1", "--rounds", "1")
    figures = orjson.loads(file.read_bytes())
    ((took,),) = figures["took"]
    assert 0 < took == figures["p99"]
    assert "of 99 in 100" in run.stdout


def test_the_loop_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    short(file, "--loop", "--evses", "10", "--seconds", "2")
    assert 0 < orjson.loads(file.read_bytes())["share"] < 1
