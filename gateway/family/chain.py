"""A chain of register blocks, as SunSpec has it: its walk, and the chain that a simulated device shows. Pure.

The chain begins with a marker; then each block has its number and the length of what follows, until the number that
ends it (SunSpec Device Information Model Specification, 6). Addresses of points count from the block's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from gateway.family.family import ModbusFamily
    from gateway.family.link import Chain
    from gateway.family.points import RegisterPoint

    Walk = Generator[tuple[int, int], Sequence[int] | None, dict[int, int]]

HEAD = 2
"""Registers of a block before its values: number and length."""

_MOST = 64
"""More blocks no device has; what goes on is no chain."""


def walk(chain: Chain) -> Walk:
    """Walk a chain: yields (address, registers) to read, is sent them (None: the device has none), and returns.

    Returns:
        The address of each block's number, by that number; the first one where there are several. Without a chain {}.
    """
    for start in chain.starts:
        if (yield start, len(chain.marker)) != chain.marker:
            continue
        found: dict[int, int] = {}
        at = start + len(chain.marker)
        for _ in range(_MOST):
            head = yield at, HEAD
            if head is None or head[0] == chain.end:
                break
            found.setdefault(head[0], at)
            at += HEAD + head[1]
        return found
    return {}


def block_of(point: RegisterPoint, blocks: Mapping[int, int]) -> int | None:
    """What a point's address counts from: 0 without a chain; None where the device lacks its block."""
    if not point.model:
        return 0
    return next((blocks[model] for model in point.model if model in blocks), None)


def shown(family: ModbusFamily) -> tuple[dict[int, int], dict[int, int]]:
    """The chain of a simulated device that has every block of a family.

    Returns:
        The address of each block's number, by number; and what the registers hold that make the chain, by address.
    """
    chain = family.link.chain
    if chain is None:
        return {}, {}
    ends: dict[int, int] = {}
    for point in family.points.values():
        if point.model:
            ends[point.model[0]] = max(ends.get(point.model[0], HEAD), point.at + point.span)
    at = chain.starts[0]
    words = dict(enumerate(chain.marker, at))
    at += len(chain.marker)
    blocks: dict[int, int] = {}
    for model, end in sorted(ends.items()):
        blocks[model] = at
        words |= {at: model, at + 1: end - HEAD}
        at += end
    return blocks, words | {at: chain.end, at + 1: 0}
