"""The lines of a GPIO chip in a test's hands, for a box that runs as a process of its own: see ``fakes/kernel``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

KERNEL = Path(__file__).parent / "kernel"


class Pins:
    """A chip whose inputs are high at first, as those of a closed contact with a pull-up are low."""

    def __init__(self, chip: Path, inputs: Iterable[int], outputs: Iterable[int], patch: pytest.MonkeyPatch) -> None:
        """Make its files; boxes that start from now on have this chip, and no other."""
        self.chip = chip
        chip.mkdir()
        self._pipes: dict[int, int] = {}
        for line in inputs:
            (chip / str(line)).write_text("1\n", "ascii")
            os.mkfifo(chip / f"{line}.edges")
            self._pipes[line] = os.open(chip / f"{line}.edges", os.O_RDWR | os.O_NONBLOCK)
        self._outputs = {line: os.open(chip / f"{line}.out", os.O_RDWR | os.O_CREAT, 0o600) for line in outputs}
        patch.setenv("PYTHONPATH", str(KERNEL))

    def set(self, line: int, levels: str) -> None:
        """An input goes through these levels; 1: high."""
        (self.chip / str(line)).write_text(f"{levels[-1]}\n", "ascii")
        os.write(self._pipes[line], levels.encode("ascii"))

    def driven(self, line: int) -> bool | None:
        """Whether an output is high; None: nobody holds it yet."""
        levels = self.levels(line)
        return levels[-1] == "1" if levels else None

    def levels(self, line: int) -> str:
        """The levels that an output had, one after the other."""
        return os.pread(self._outputs[line], 1000, 0).decode("ascii")

    def close(self) -> None:
        """Let go of the files."""
        for each in (*self._pipes.values(), *self._outputs.values()):
            os.close(each)
