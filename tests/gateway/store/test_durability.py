"""What a commit promises, held against a killed process and a file that must not grow."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[3]


def committer(path: Path, way: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.store.committer", str(path), way],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def stored(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name for (name,) in connection.execute("SELECT name FROM meta")}


def test_whatever_was_committed_survives_kill_9(tmp_path: Path) -> None:
    dice = random.Random(15)  # noqa: S311 a seed, not a secret
    for attempt in range(8):
        path = tmp_path / f"box-{attempt}.sqlite"
        lines = dice.randrange(1, 400)
        with committer(path, "forever") as process:
            assert process.stdout is not None
            told = [process.stdout.readline().strip() for _ in range(lines)]
            process.kill()
            told += [line.strip() for line in process.stdout if line.endswith("\n")]
        assert set(told) <= stored(path)


def test_a_file_that_must_not_grow_costs_only_what_was_refused(tmp_path: Path) -> None:
    path = tmp_path / "box.sqlite"
    with committer(path, "limited") as process:
        output, _ = process.communicate(timeout=30)
    told = output.split()
    assert told[-2:] == ["storage-failed", "after"]
    assert len(told) > 3
    assert stored(path) == set(told) - {"storage-failed"}
