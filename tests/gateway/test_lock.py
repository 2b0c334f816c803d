"""One box per data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.lock import sole_user
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_box_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    with sole_user(tmp_path), pytest.raises(GatewayError, match="already-running"), sole_user(tmp_path):
        pass
    with sole_user(tmp_path):
        pass
