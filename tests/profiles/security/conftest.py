"""A box with this profile, whose site file has a password."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from profiles.security import SecurityProfile
from tests.profiles.opened import opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box

SITE_PASSWORD = "site-password-0123"
SITE_URL = "ws://csms.example.com/ocpp"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(SecurityProfile, tmp_path) as (opened, _):
        member = opened.member
        member.installation = replace(member.installation, security_profile=1, url=SITE_URL, password=SITE_PASSWORD)
        await opened.sent()
        yield opened
