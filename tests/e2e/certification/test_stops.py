"""The cases of the end of transactions, at wallboxes without OCPP whose sessions the box runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.cases_stops import CASES, LOCKED
from tests.e2e.certification.runner import play
from tests.e2e.certification.visit import FAMILY
from tests.e2e.certification.wallboxes import wallboxes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases

SOCKET = "phoenix-charx"
"""Its lock can be opened."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("stops")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    async with wallboxes(folder, {FAMILY: "cType2", SOCKET: "sType2"}) as visits:
        attached = await play(visits[FAMILY], CASES)
        return {**attached, **await play(visits[SOCKET], LOCKED)}


@pytest.mark.parametrize("case", [*CASES, *LOCKED])
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
