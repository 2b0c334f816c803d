"""Cases of Provisioning at a station without OCPP, and how every request is dealt with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.cases_provisioning import CASES
from tests.e2e.certification.manners import limits_hold, result_follows_answer
from tests.e2e.certification.runner import play
from tests.e2e.certification.stage import Stage
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases

MANNERS = {"limits": limits_hold, "results": result_follows_answer}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("provisioning")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    async with pair(folder) as both:
        return await play(Stage(both=both, side=both.sides[1]), {**CASES, **MANNERS})


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""


@pytest.mark.ocpp("B06.FR.16", "B06.FR.17", "B08.FR.06", "B08.FR.17", "B08.FR.18")
def test_limits_of_requests_hold(played: Mapping[str, str]) -> None:
    assert played["limits"] == ""


@pytest.mark.ocpp("GEN.FR.05")
def test_results_follow_their_answer(played: Mapping[str, str]) -> None:
    assert played["results"] == ""
