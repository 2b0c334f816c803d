"""Every mandatory case of the profile Smart Charging, at a station without OCPP that takes limits."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from tests.e2e.certification.cases_smart_charging import CASES
from tests.e2e.certification.stage import Stage
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.e2e.certification.cases_smart_charging import Case

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases

WITHIN = 25.0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case; "" for nothing."""
    return asyncio.run(play(tmp_path_factory.mktemp("smart_charging")))


async def play(folder: Path) -> Mapping[str, str]:
    """Play the cases one after the other, with one box."""
    async with pair(folder) as both:
        stage = Stage(both=both, side=both.sides[1])
        return {name: await tried(stage, case) for name, case in CASES.items()}


async def tried(stage: Stage, case: Case) -> str:
    """Play one case."""
    try:
        async with asyncio.timeout(WITHIN):
            await case(stage)
    except (AssertionError, GatewayError, TimeoutError):
        return traceback.format_exc()
    finally:
        await stage.tidy()
    return ""


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
