"""The lock of a bus: who goes first, and what cancelling leaves behind."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.common.priority import PriorityLock
from adapters.common.wire import Rank


async def _settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(3):
        await asyncio.sleep(0)


class _Users:
    """Tasks that hold a lock until they are told to let go."""

    def __init__(self) -> None:
        self.lock = PriorityLock()
        self.served: list[int] = []
        self.inside: list[int] = []
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self._leave: dict[int, asyncio.Event] = {}

    async def _use(self, number: int, rank: int) -> None:
        async with self.lock.at(rank):
            self.served.append(number)
            self.inside.append(number)
            assert self.inside == [number]
            try:
                await self._leave[number].wait()
            finally:
                self.inside.remove(number)

    def come(self, rank: int) -> int:
        number = len(self.tasks)
        self._leave[number] = asyncio.Event()
        self.tasks[number] = asyncio.create_task(self._use(number, rank))
        return number

    def leave(self, number: int) -> None:
        self._leave[number].set()

    async def end(self) -> None:
        for number in self.tasks:
            self.leave(number)
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_the_watchdog_overtakes_orders_and_orders_overtake_polls() -> None:
    users = _Users()
    for rank in (Rank.POLL, Rank.POLL, Rank.ORDER, Rank.WATCHDOG, Rank.POLL, Rank.ORDER):
        users.come(rank)
        await _settle()
    assert users.lock.held
    assert users.lock.waiting == 5
    await users.end()
    assert users.served == [0, 3, 2, 5, 1, 4]
    assert not users.lock.held


async def test_an_error_inside_gives_the_lock_back() -> None:
    lock = PriorityLock()
    with pytest.raises(KeyError):
        async with lock.at(Rank.POLL):
            raise KeyError
    assert not lock.held


async def test_a_holder_cancelled_in_the_moment_of_the_handover_passes_it_on() -> None:
    users = _Users()
    async with users.lock.at(Rank.POLL):
        second, third = (users.come(Rank.POLL) for _ in range(2))
        await _settle()
    users.tasks[second].cancel()  # the lock is already its own, but it has not run yet
    await _settle()
    assert users.served == [third]
    assert users.tasks[second].cancelled()
    await users.end()


Action = tuple[str, int]
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(0, 2)),
        st.tuples(st.just("leave"), st.just(0)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
    ),
    max_size=40,
)


@given(actions=ACTIONS)
def test_the_order_is_that_of_a_sorted_queue(actions: list[Action]) -> None:
    async def run() -> None:
        users = _Users()
        queue: list[tuple[int, int]] = []  # the oracle: who waits
        holder: int | None = None
        for action, value in actions:
            if action == "come":
                queue.append((value, users.come(value)))
            elif action == "leave" and holder is not None:
                users.leave(holder)
                holder = None
            elif action == "cancel" and value in users.tasks:
                users.tasks[value].cancel()
                queue = [each for each in queue if each[1] != value]
                holder = None if holder == value else holder
            await _settle()
            if holder is None and queue:
                queue.sort()
                holder = queue.pop(0)[1]
            assert users.inside == ([] if holder is None else [holder])
            assert users.lock.waiting == len(queue)
        await users.end()
        assert not users.lock.held

    asyncio.run(run())
