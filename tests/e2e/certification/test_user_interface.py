"""Every case of the profile Advanced User Interface at a station that speaks OCPP 1.5, most at one without OCPP, too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.cases_user_interface import CASES
from tests.e2e.certification.panel import panels
from tests.e2e.certification.runner import play
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REAL_TIME = {name: case for name, case in CASES.items() if name not in {
    "TC_I_07_CS", "TC_O_20_CS", "TC_O_27_CS", "TC_O_28_CS", "TC_O_30_CS", "TC_O_32_CS", "TC_O_37_CS",
}}  # fmt: skip
"""Those for the station without OCPP, whose sessions take their time: of each way of a session one case."""

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("user_interface")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box, at both stations at the same time."""
    async with pair(folder) as both, panels(both) as made:
        old, other = await asyncio.gather(play(made[0], CASES), play(made[1], REAL_TIME))
    return {case: "\n".join(filter(None, (old[case], other.get(case)))) for case in CASES}


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
