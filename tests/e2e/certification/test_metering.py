"""The cases of meter values that need a wallbox without OCPP, whose sessions the box runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.bay import play_at_bay
from tests.e2e.certification.cases_metering import CASES

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(play_at_bay(tmp_path_factory.mktemp("metering"), CASES))


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
