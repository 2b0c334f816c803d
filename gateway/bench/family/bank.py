"""The registers of one unit of a simulated Modbus station: what may be read at once, and what a write means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bench.family.endpoint import HangUp
from gateway.family.registers import decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.bench.family.outlet import Outlet
    from gateway.family.link import ModbusLink
    from gateway.family.points import RegisterPoint, Table

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3
FAILURE = 4


class ModbusFault(Exception):
    """The station answers with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A point of a connector at its address on the wire."""

    name: str
    point: RegisterPoint
    outlet: Outlet
    at: int

    @property
    def end(self) -> int:
        """Address behind the last register."""
        return self.at + self.point.span

    def words(self) -> list[int]:
        """What its registers hold now."""
        try:
            return encode(self.point, self.outlet.raw(self.name))
        except GatewayError as error:
            raise ModbusFault(FAILURE) from error

    def pieces(self) -> Iterator[tuple[int, int]]:
        """Begin and end of each of its values: none may be cut by a read."""
        width = self.point.width
        if self.point.text:
            # Of a text a part can be read.
            yield from ((at, at + 1) for at in range(self.at, self.end))
            return
        for place in range(self.point.count):
            at = self.at + place * (self.point.stride or width)
            yield at, at + width


class Bank:
    """What answers under one unit id.

    Args:
        link: Of the family: spans, gaps and barriers.
        placed: Every point that is there.
        fcs: Function codes that steps ask for, by point.
        fixed: Holding registers that never change, by address.
    """

    def __init__(
        self,
        link: ModbusLink,
        placed: Iterable[Placed],
        fcs: Mapping[str, set[int]] | None = None,
        fixed: Mapping[int, int] | None = None,
    ) -> None:
        self._link = link
        # Of points in the same registers, the one that has more to say comes last.
        self._placed = tuple(sorted(placed, key=lambda each: each.outlet.rank(each.name)))
        self._fcs = fcs or {}
        self._fixed = fixed or {}
        self._outlets = tuple({id(each.outlet): each.outlet for each in self._placed}.values())
        self._barriers = {barrier + each.at - each.point.at for barrier in link.barriers for each in self._placed}

    @property
    def broadcast(self) -> int | None:
        """Unit id under which nothing is answered; None: the family has none of its own."""
        return self._link.broadcast or None

    def heard(self) -> bool:
        """A request has come; False where the station sleeps and loses it."""
        awake = [outlet.heard() for outlet in self._outlets]
        return all(awake)

    def read(self, table: Table, at: int, count: int) -> list[int]:
        """Registers, or bits.

        Raises:
            ModbusFault: unmapped addresses, a span that the station does not serve, a value that would be cut.
            HangUp: the same, of a station that ends the connection then.
        """
        end = at + count
        if count > self._link.max_span or any(at < barrier < end for barrier in self._barriers):
            raise self._illegal()
        fixed = self._fixed if table == "holding" else {}
        words: list[int | None] = [fixed.get(address) for address in range(at, end)]
        for each in self._in(table, at, end):
            if not each.point.readable:
                continue
            held = each.words()
            for begin, stop in each.pieces():
                if at <= begin and stop <= end:
                    words[begin - at : stop - at] = held[begin - each.at : stop - each.at]
        if not self._whole(words):
            raise self._illegal()
        return [0 if word is None else word for word in words]

    def _whole(self, words: list[int | None]) -> bool:
        """Whether what is not there is only a gap that the station lets pass."""
        if words[0] is None or words[-1] is None:
            return False
        gap = 0
        for word in words:
            gap = gap + 1 if word is None else 0
            if gap > self._link.max_gap:
                return False
        return True

    def write(self, table: Table, at: int, words: list[int], fc: int) -> None:
        """Write registers, or bits; every point that is touched takes its part.

        Raises:
            ModbusFault: no such register, not this way, or not this value.
            HangUp: unmapped addresses, of a station that ends the connection then.
        """
        end = at + len(words)
        touched = [each for each in self._in(table, at, end) if each.point.writable]
        covered = {address for each in touched for address in range(each.at, each.end)}
        if not covered.issuperset(range(at, end)):
            raise self._illegal()
        for each in touched:
            if each.point.fc is not None and fc not in {each.point.fc, *self._fcs.get(each.name, ())}:
                raise ModbusFault(ILLEGAL_FUNCTION)
        for each in touched:
            held = each.words()
            for address in range(max(at, each.at), min(end, each.end)):
                held[address - each.at] = words[address - at]
            try:
                each.outlet.write(each.name, decode(each.point, held))
            except GatewayError as error:
                raise ModbusFault(ILLEGAL_VALUE) from error

    def _in(self, table: Table, at: int, end: int) -> Iterator[Placed]:
        return (each for each in self._placed if each.point.table == table and each.at < end and at < each.end)

    def _illegal(self) -> Exception:
        return HangUp() if self._link.split_on_error else ModbusFault(ILLEGAL_ADDRESS)
