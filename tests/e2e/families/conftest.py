"""One round of visits for all tests: every family is visited at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.families.round import Round, go_round
from tests.e2e.families.stand import station_files

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    """What has come of the round."""
    made = asyncio.run(go_round(tmp_path_factory.mktemp("families"), station_files()))
    yield made
    # Shown by pytest if a test has failed.
    print(*made.log, sep="\n")  # noqa: T201
