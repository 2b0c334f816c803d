"""A box with a page, whose CSMS has set what drivers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiles.tariff_cost import TariffCostProfile
from tests.profiles.opened import give_display, opened_with
from tests.profiles.tariff_cost.driver import configure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(TariffCostProfile, tmp_path) as (opened, _):
        give_display(opened)
        await configure(opened)
        yield opened
