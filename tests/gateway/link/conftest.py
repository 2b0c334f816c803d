"""Fixtures: a CSMS on loopback, and a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.gateway.link.csms import Csms, running
from tests.gateway.link.fakes import Box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with running(Csms()) as csms:
        yield csms


@pytest.fixture
def box() -> Box:
    return Box()
