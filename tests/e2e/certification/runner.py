"""Cases that share one box: they are played one after the other, and each is a test of its own."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Protocol, TypeVar

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

WITHIN = 25.0


class Tidied(Protocol):
    """Where cases are played."""

    async def tidy(self) -> None:
        """Leave nothing behind for the next case."""


S = TypeVar("S", bound=Tidied)


async def play(stage: S, cases: Mapping[str, Callable[[S], Awaitable[None]]]) -> Mapping[str, str]:
    """Play every case; what went wrong in each, "" for nothing."""
    return {name: await _tried(stage, case) for name, case in cases.items()}


async def _tried(stage: S, case: Callable[[S], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(WITHIN):
            await case(stage)
    except (AssertionError, KeyError, GatewayError, TimeoutError):
        return traceback.format_exc()
    finally:
        await stage.tidy()
    return ""
