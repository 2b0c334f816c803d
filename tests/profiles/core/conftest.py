"""A box with a station that has arrived and a backend that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.box import Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened
