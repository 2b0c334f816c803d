"""A world with one ordinary station that has been accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.e2e.plan import Plan
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture
async def one(tmp_path: Path) -> AsyncIterator[World]:
    """One station with one EVSE."""
    async with world(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def two_evses(tmp_path: Path) -> AsyncIterator[World]:
    """One station with two EVSEs."""
    async with world(tmp_path, Plan(evses=2)) as made:
        yield made
