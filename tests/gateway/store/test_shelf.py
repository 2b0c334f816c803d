"""Documents of profiles outlive the box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.store.shelf import DocumentShelf
from gateway.store.storage import open_storage
from tests.fakes.clock import SettableClock

if TYPE_CHECKING:
    from pathlib import Path


async def test_documents_are_kept_by_shelf_and_station(tmp_path: Path) -> None:
    path, now = tmp_path / "box.sqlite", SettableClock().now
    async with open_storage(path, ["CP-1"], now) as storage:
        shelf = DocumentShelf(storage.writer, "smart_charging")
        await shelf.keep("CP-1", {"2": {"id": 2, "text": "Mödling"}, "1": {"id": 1}})
        await shelf.keep("CP-2", {"1": {"id": 9}})
        await DocumentShelf(storage.writer, "display").keep("CP-1", {"1": {"id": 7}})
        await shelf.keep("CP-1", {"1": None, "3": {"id": 3}})
    async with open_storage(path, ["CP-1"], now) as storage:
        shelf = DocumentShelf(storage.writer, "smart_charging")
        assert await shelf.documents("CP-1") == {"2": {"id": 2, "text": "Mödling"}, "3": {"id": 3}}
        assert await shelf.documents("CP-2") == {"1": {"id": 9}}
        assert await shelf.documents("CP-3") == {}
