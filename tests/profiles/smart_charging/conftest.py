"""A box whose station has arrived and takes limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.profiles.smart_charging.rig import Rig, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with opened(tmp_path) as found:
        yield found
