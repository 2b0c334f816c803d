"""Blocks of a device that lie one behind the other: found by walking, wherever the chain begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gateway.family.chain import block_of, shown, walk
from gateway.family.library import all_families
from gateway.family.link import Chain
from gateway.family.load import read_family
from gateway.family.points import RegisterPoint

if TYPE_CHECKING:
    from collections.abc import Mapping

CHAIN = Chain()
SUNS = (0x5375, 0x6E53)


def walked(registers: Mapping[int, int], chain: Chain = CHAIN) -> tuple[dict[int, int], int]:
    """What is found in a device with these registers, and with how many reads."""
    steps, asked = walk(chain), 0
    try:
        at, count = next(steps)
        while True:
            asked += 1
            row = tuple(registers.get(address, -1) for address in range(at, at + count))
            at, count = steps.send(None if -1 in row else row)
    except StopIteration as end:
        return end.value, asked


def device(start: int, blocks: list[tuple[int, int]], *, ended: bool = True) -> tuple[dict[int, int], dict[int, int]]:
    """Registers of a device with blocks of (number, length), and where each number is first."""
    row, places = list(SUNS), dict[int, int]()
    for number, length in blocks:
        places.setdefault(number, start + len(row))
        row += [number, length, *[0] * length]
    row += [0xFFFF, 0] if ended else []
    return dict(enumerate(row, start)), places


BLOCKS = st.lists(st.tuples(st.integers(1, 0xFFFE), st.integers(0, 40)), max_size=12)


@given(start=st.sampled_from(CHAIN.starts), blocks=BLOCKS, ended=st.booleans())
def test_every_block_is_found_with_a_read_for_each(start: int, blocks: list[tuple[int, int]], *, ended: bool) -> None:
    registers, places = device(start, blocks, ended=ended)
    found, asked = walked(registers)
    assert found == places
    assert asked == CHAIN.starts.index(start) + 1 + len(blocks) + 1


def test_a_device_without_a_chain_has_no_blocks() -> None:
    assert walked({}) == ({}, 3)
    assert walked(dict.fromkeys(range(40_000, 40_010), 7)) == ({}, 3)


def test_a_chain_that_goes_round_in_circles_ends() -> None:
    registers = dict.fromkeys(range(0x1_0000 * 2), 0)
    registers |= {40_000: SUNS[0], 40_001: SUNS[1]}
    assert walked(registers)[0] == {0: 40_002}


def test_a_point_is_in_the_first_of_its_blocks_that_is_there() -> None:
    point = RegisterPoint.model_validate({"at": 5, "model": [203, 204]})
    assert block_of(point, {204: 40_100, 1: 40_002}) == 40_100
    assert block_of(point, {203: 40_300, 204: 40_100}) == 40_300
    assert block_of(point, {1: 40_002}) is None
    assert block_of(RegisterPoint.model_validate({"at": 5}), {}) == 0


def test_the_chain_of_a_simulated_device_is_found() -> None:
    family = read_family(all_families()["sunspec-meter"]).base
    blocks, registers = shown(family)  # type: ignore[arg-type] # of this kind
    assert walked(registers)[0] == blocks == {1: 40_002, 203: 40_068}
