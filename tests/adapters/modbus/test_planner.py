"""The planner: every value once, within the family's limits, and with as little as can be."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.planner import Learnt, Limits, Piece, Read, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

UNLIMITED = Limits(span=125, gap=124)


def piece(point: str, at: int, span: int = 1, **other: object) -> Piece:
    known: dict[str, object] = {"unit": 1, "table": "holding", **other}
    return Piece(point=point, at=at, span=span, **known)  # type: ignore[arg-type] # told apart by name


PIECES = st.lists(
    st.builds(
        Piece,
        point=st.uuids().map(str),
        unit=st.sampled_from([1, 2]),
        table=st.sampled_from(["holding", "input"]),
        at=st.integers(0, 60),
        span=st.integers(1, 6),
    ),
    max_size=12,
)
LIMITS = st.builds(
    Limits,
    span=st.integers(1, 40),
    gap=st.integers(0, 10),
    barriers=st.frozensets(st.integers(0, 60), max_size=4),
)


@given(PIECES, LIMITS)
def test_every_value_comes_with_exactly_one_read_whole(pieces: list[Piece], limits: Limits) -> None:
    reads = plan(pieces, limits, Learnt())

    brought = [each for read in reads for each in read.pieces]
    assert sorted(each.point for each in brought) == sorted(each.point for each in pieces)
    for read in reads:
        for each in read.pieces:
            assert (each.unit, each.table) == (read.unit, read.table)
            assert read.at <= each.at
            assert each.end <= read.at + read.count


@given(PIECES, LIMITS)
def test_no_read_leaves_the_limits_but_for_one_value_that_does_so_itself(pieces: list[Piece], limits: Limits) -> None:
    for read in plan(pieces, limits, Learnt()):
        if len(read.pieces) > 1:
            assert read.count <= limits.span
            assert not any(read.at < barrier < read.at + read.count for barrier in limits.barriers)
            assert longest_gap(read) <= limits.gap
        # It begins and ends with a value.
        assert read.at in {each.at for each in read.pieces}
        assert read.at + read.count in {each.end for each in read.pieces}


@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), min_size=1, max_size=7),
    LIMITS,
)
def test_no_other_way_has_fewer_reads_or_as_many_with_fewer_registers(
    steps: list[tuple[int, int]], limits: Limits
) -> None:
    pieces, at = [], 0
    for number, (gap, span) in enumerate(steps):
        pieces.append(piece(str(number), at + gap, span))
        at += gap + span

    found = plan(pieces, limits, Learnt())

    assert cost(found) == min(cost(way) for way in ways(pieces) if allowed(way, limits))


def longest_gap(read: Read) -> int:
    taken = {register for each in read.pieces for register in range(each.at, each.end)}
    longest = run = 0
    for register in range(read.at, read.at + read.count):
        run = 0 if register in taken else run + 1
        longest = max(longest, run)
    return longest


def cost(reads: Iterable[Read]) -> tuple[int, int]:
    counts = [read.count for read in reads]
    return len(counts), sum(counts)


def ways(pieces: Sequence[Piece]) -> Iterator[list[Read]]:
    for number in range(len(pieces)):
        for cuts in combinations(range(1, len(pieces)), number):
            ends = [*cuts, len(pieces)]
            yield [Read.of(pieces[begin:end]) for begin, end in zip([0, *cuts], ends, strict=True)]


def allowed(reads: Iterable[Read], limits: Limits) -> bool:
    return all(
        len(read.pieces) == 1
        or (
            read.count <= limits.span
            and longest_gap(read) <= limits.gap
            and not any(read.at < barrier < read.at + read.count for barrier in limits.barriers)
        )
        for read in reads
    )


def test_the_widest_gap_is_left_out_where_a_cut_is_needed() -> None:
    pieces = [piece("a", 0), piece("b", 2), piece("c", 9), piece("d", 10)]
    reads = plan(pieces, Limits(span=10, gap=8), Learnt())
    assert [(read.at, read.count) for read in reads] == [(0, 3), (9, 2)]


def test_a_barrier_begins_a_new_read() -> None:
    reads = plan([piece("a", 10), piece("b", 11), piece("c", 12)], Limits(barriers=frozenset({12})), Learnt())
    assert [(read.at, read.count) for read in reads] == [(10, 2), (12, 1)]


def test_tables_and_units_are_read_apart() -> None:
    pieces = [piece("a", 1), piece("b", 2, table="input"), piece("c", 2, unit=9)]
    assert len(plan(pieces, UNLIMITED, Learnt())) == 3


def test_a_refused_place_is_neither_read_nor_read_across() -> None:
    learnt = Learnt()
    learnt.refuse(Read.of([piece("b", 11)]))

    reads = plan([piece("a", 10), piece("b", 11), piece("c", 12)], UNLIMITED, learnt)

    assert [(read.at, read.count) for read in reads] == [(10, 1), (12, 1)]


def test_what_one_unit_lacks_is_asked_of_another() -> None:
    learnt = Learnt()
    learnt.refuse(Read.of([piece("b", 11)]))
    (read,) = plan([piece("b", 11, unit=2)], UNLIMITED, learnt)
    assert read.unit == 2


def test_a_learnt_cut_holds() -> None:
    learnt = Learnt()
    whole = Read.of([piece("a", 10), piece("b", 11), piece("c", 12), piece("d", 13)])
    learnt.cut(whole)

    reads = plan(whole.pieces, UNLIMITED, learnt)

    assert [(read.at, read.count) for read in reads] == [(10, 2), (12, 2)]


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_halves_bring_the_same_values(count: int) -> None:
    read = Read.of([piece(str(number), 3 * number, 2) for number in range(count)])
    halves = read.halves
    assert halves is not None
    assert halves[0].pieces + halves[1].pieces == read.pieces
    assert abs(len(halves[0].pieces) - len(halves[1].pieces)) <= 1


def test_two_values_in_the_same_register_are_not_parted() -> None:
    assert Read.of([piece("low", 5), piece("high", 5)]).halves is None
