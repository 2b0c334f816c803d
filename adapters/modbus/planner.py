"""Which reads fetch a set of points: as few as the family allows, and then as few registers. Pure.

What a station does not let through is learnt for the run: registers that it does not have, and places where one read
may not go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.family.points import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Registers that are never cut: a value, or one of a row of values that lie far apart.

    Attributes:
        point: Name of the point that it is part of.
        unit: Modbus unit id.
        table: Its table.
        at: First register, from 0.
        span: Registers.
    """

    point: str
    unit: int
    table: Table
    at: int
    span: int

    @property
    def end(self) -> int:
        """The register behind the last."""
        return self.at + self.span


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a family lets one read be.

    Attributes:
        span: Registers of one read; a piece that is longer is read alone.
        gap: Unused registers in a row that a read may cross.
        barriers: Registers at which a new read has to begin.
    """

    span: int = 100
    gap: int = 0
    barriers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read, and the pieces that it brings."""

    unit: int
    table: Table
    at: int
    count: int
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Read:
        """The shortest read that brings all pieces; they are of one unit and table."""
        first = pieces[0]
        at = min(each.at for each in pieces)
        count = max(each.end for each in pieces) - at
        return cls(unit=first.unit, table=first.table, at=at, count=count, pieces=tuple(pieces))

    @property
    def halves(self) -> tuple[Read, Read] | None:
        """Two reads that bring the same; None where there is nothing to part.

        Pieces on the very same registers stay together: they would fail together.
        """
        cuts = [i for i in range(1, len(self.pieces)) if _registers(self.pieces[i - 1]) != _registers(self.pieces[i])]
        if not cuts:
            return None
        cut = min(cuts, key=lambda i: abs(2 * i - len(self.pieces)))
        return Read.of(self.pieces[:cut]), Read.of(self.pieces[cut:])


def _registers(piece: Piece) -> tuple[int, int]:
    return piece.at, piece.span


@dataclass(slots=True)
class Lore:
    """What one table of one unit has taught.

    Attributes:
        refused: (first register, registers) that the unit does not have.
        cuts: Registers that no read may reach from below: one that did was refused, though its parts were not.
    """

    refused: set[tuple[int, int]] = field(default_factory=set)
    cuts: set[int] = field(default_factory=set)

    def parts(self, at: int, end: int) -> bool:
        """True if a read from ``at`` to before ``end`` would not be let through."""
        return any(at < cut < end for cut in self.cuts) or any(
            at < low + span and low < end for low, span in self.refused
        )


class Learnt:
    """What the units of a bus have taught during this run; ``version`` grows with it."""

    def __init__(self) -> None:
        self.version = 0
        self._lore: dict[tuple[int, Table], Lore] = {}

    def of(self, unit: int, table: Table) -> Lore:
        """What is known of a table of a unit."""
        return self._lore.setdefault((unit, table), Lore())

    def refused(self, piece: Piece) -> bool:
        """True if the unit does not have these registers."""
        return _registers(piece) in self.of(piece.unit, piece.table).refused

    def refuse(self, read: Read) -> None:
        """A read of one place alone was refused."""
        self.of(read.unit, read.table).refused.update(_registers(each) for each in read.pieces)
        self.version += 1

    def cut(self, read: Read) -> None:
        """A read was refused, and its halves were not."""
        if (halves := read.halves) is not None:
            self.of(read.unit, read.table).cuts.add(halves[1].at)
            self.version += 1


def plan(pieces: Iterable[Piece], limits: Limits, learnt: Learnt) -> tuple[Read, ...]:
    """The reads that bring all pieces; each piece is in exactly one of them.

    Of all ways to part the pieces in the order of their addresses it is the one with the fewest reads, and of these
    the one with the fewest registers. Pieces that are known to be refused are left out.
    """
    groups: dict[tuple[int, Table], list[Piece]] = {}
    for piece in pieces:
        if not learnt.refused(piece):
            groups.setdefault((piece.unit, piece.table), []).append(piece)
    reads: list[Read] = []
    for (unit, table), group in sorted(groups.items()):
        group.sort(key=lambda piece: (piece.at, piece.end, piece.point))
        reads += _parted(group, limits, learnt.of(unit, table))
    return tuple(reads)


def _parted(pieces: Sequence[Piece], limits: Limits, lore: Lore) -> Iterable[Read]:
    """Dynamic programming: the best way for the first pieces, from the best ways for fewer."""
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # reads, registers, begin of the last read
    for end in range(1, len(pieces) + 1):
        ways = []
        for begin in range(end - 1, -1, -1):
            read = Read.of(pieces[begin:end])
            if end - begin > 1 and not _allowed(read, limits, lore):
                if read.count > limits.span:
                    break  # one that begins earlier is not shorter
                continue
            ways.append((best[begin][0] + 1, best[begin][1] + read.count, begin))
        best.append(min(ways))
    reads: list[Read] = []
    end = len(pieces)
    while end:
        begin = best[end][2]
        reads.insert(0, Read.of(pieces[begin:end]))
        end = begin
    return reads


def _allowed(read: Read, limits: Limits, lore: Lore) -> bool:
    """Whether several pieces may come with one read."""
    end = read.at + read.count
    if read.count > limits.span or any(read.at < barrier < end for barrier in limits.barriers):
        return False
    reached = read.at
    for piece in read.pieces:
        if piece.at - reached > limits.gap:
            return False
        reached = max(reached, piece.end)
    return not lore.parts(read.at, end)
