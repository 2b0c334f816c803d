"""An event loop whose time jumps to whatever is due next: hours of a driver's life in moments, without a sleep."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


_TICK = 1e-6
"""Seconds that anything takes, so that who looks at the time again and again sees it pass."""


class Deadlock(AssertionError):
    """Everybody waits for somebody else."""


class _Selector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.time = 1000.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock
        self.time += max(_TICK, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _Selector) -> None:
        self._jumping = selector
        super().__init__(selector)

    @override
    def time(self) -> float:
        return self._jumping.time


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run something without real time passing; for what needs neither sockets nor threads.

    Raises:
        Deadlock: nothing is due any more, and it has not ended.
    """
    with asyncio.Runner(loop_factory=lambda: _Loop(_Selector())) as runner:
        return runner.run(work)
