"""Cases of root certificates and network profiles, at a station with security profile 1."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.certification.cases_certificates import CASES
from tests.e2e.certification.keyring import Keyring
from tests.e2e.certification.runner import play
from tests.e2e.trust import PASSWORD, secret
from tests.e2e.world import world

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.timeout(180)  # the first test waits for all cases


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What went wrong in each case."""
    return asyncio.run(played_in(tmp_path_factory.mktemp("certificates")))


async def played_in(folder: Path) -> Mapping[str, str]:
    """Play the cases with one box."""
    backend = f"security_profile = 1\n{secret(folder, PASSWORD)}"
    async with world(folder, settings=CsmsSettings(password=PASSWORD), backend=backend) as made:
        return await play(Keyring(world=made), CASES)


@pytest.mark.parametrize("case", CASES)
def test_case(played: Mapping[str, str], case: str) -> None:
    assert played[case] == ""
