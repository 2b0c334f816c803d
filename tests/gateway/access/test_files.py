"""The files of secrets while they change."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.access.files import FileVault

if TYPE_CHECKING:
    import pytest

ID = "CP-1"


async def test_what_is_taken_away_during_a_look_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = FileVault(tmp_path)
    await vault.keep(ID, {"a.json": "a", "b.json": "b"})
    read = Path.read_text

    def late(path: Path, encoding: str) -> str:
        vault.path(ID, "b.json").unlink(missing_ok=True)
        return read(path, encoding)

    monkeypatch.setattr(Path, "read_text", late)
    assert await asyncio.to_thread(vault.read, ID) == {"a.json": "a"}
