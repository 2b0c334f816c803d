"""Walking the chain of blocks of a device, as SunSpec has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.common.wire import Refused
from adapters.modbus.messages import reading, words
from gateway.family.chain import walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.common.wire import Rank
    from adapters.modbus.bus import Bus
    from adapters.modbus.manners import Manners
    from gateway.family.link import Chain


async def find_blocks(chain: Chain, unit: int, bus: Bus, manners: Manners, rank: Rank) -> Mapping[int, int]:
    """Where the blocks of a device begin, by number; {} where there is no chain.

    Raises:
        Unreachable: the device does not answer.
    """
    steps = walk(chain)
    at, count = next(steps)
    while True:
        request = reading(unit, "holding", at, count)
        heard: Sequence[int] | None
        try:
            heard = words(request, await bus.request(request, manners, rank))
        except Refused:
            heard = None
        try:
            at, count = steps.send(heard)
        except StopIteration as end:
            found: Mapping[int, int] = end.value
            return found
