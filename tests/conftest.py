"""Fixtures for every test: no blocking call on the loop, no task left behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

# How long an example takes says something of the machine, not of the code.
settings.register_profile("box", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("box")

_TURNS = 10
"""Of the event loop after each test: a connection that a server has accepted just before its end is closed in them."""


@pytest.fixture(autouse=True)
def _no_blocking_calls() -> Iterator[None]:
    """Fail a test in which our own packages block the event loop."""
    with blockbuster_ctx(["gateway", "adapters", "profiles"]):
        yield


@pytest_asyncio.fixture(autouse=True)
async def _no_lingering_tasks() -> AsyncIterator[None]:
    """Fail a test that leaves a task running."""
    before = asyncio.all_tasks()
    yield
    lingering = {
        task for task in asyncio.all_tasks() - before if not task.done() and task is not asyncio.current_task()
    }
    names = sorted(task.get_name() + " " + repr(task.get_coro()) for task in lingering)
    for task in lingering:
        task.cancel()
    await asyncio.gather(*lingering, return_exceptions=True)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    assert not names, f"tasks left running: {names}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let ``-k TC_B_01_CS`` find a test by the certification case that it goes through."""
    for item in items:
        for mark in item.iter_markers("case"):
            item.extra_keyword_matches.update(mark.args)
