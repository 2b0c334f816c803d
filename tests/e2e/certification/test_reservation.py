"""The cases of reservations that need a wallbox without OCPP, whose sessions the box runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.bay import Bay
from tests.e2e.certification.cases_reservation import CASES
from tests.e2e.certification.runner import play
from tests.e2e.certification.visit import FAMILY
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("reservation")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    async with pair(folder, FAMILY, hurried=True) as both:
        bay = Bay(both=both, side=both.sides[1], since=both.world.news)
        await bay.tidy()
        return await play(bay, CASES)


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
