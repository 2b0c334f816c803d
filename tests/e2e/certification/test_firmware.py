"""The cases of secure firmware updates and of logs, at a station that speaks OCPP 1.5 and knows no signatures."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.cases_firmware import CASES
from tests.e2e.certification.runner import play
from tests.e2e.certification.workshop import Workshop
from tests.e2e.files import serving
from tests.e2e.plan import Plan
from tests.e2e.world import world
from tests.profiles.firmware.signing import Manufacturer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("firmware")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    async with world(folder, Plan(evses=2)) as made, serving() as files:
        workshop = Workshop(world=made, files=files, manufacturer=Manufacturer.made(), since=made.news)
        await workshop.install_root()
        return await play(workshop, CASES)


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
