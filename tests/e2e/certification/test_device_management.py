"""Every mandatory case of the profile Advanced Device Management, at a station that speaks OCPP 1.5."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.cases_device_management import CASES
from tests.e2e.certification.runner import play
from tests.e2e.certification.watcher import Watcher
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("device_management")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    async with pair(folder) as both:
        return await play(Watcher(both=both, side=both.sides[0]), CASES)


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
