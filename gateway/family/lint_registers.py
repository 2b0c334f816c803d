"""Addresses of a register map: values that a read would cut, and writes that meet. Pure."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.family.family import ModbusFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import AnyFamily
    from gateway.family.points import RegisterPoint

_END = 0x1_0000
_WRITABLE = frozenset({"coil", "holding"})


def check_registers(family: AnyFamily) -> Iterator[Problem]:
    """Everything about addresses."""
    if not isinstance(family, ModbusFamily):
        return
    for name, point in family.points.items():
        yield from _alone(family, name, point)
    written = [(name, point) for name, point in family.points.items() if point.writable]
    for (name, point), (other, before) in combinations(written, 2):
        yield from _meeting(other, before, name, point)


def _alone(family: ModbusFamily, name: str, point: RegisterPoint) -> Iterator[Problem]:
    path = ("points", name)
    if point.width > family.link.max_span and not point.text:  # a longer row or text is read in parts
        params = {"name": name, "span": point.width, "limit": family.link.max_span}
        yield Problem(code="family-span", path=path, params=params)
    if point.at + point.span > _END:
        yield Problem(code="family-address-end", path=path, params={"name": name, "at": point.at + point.span - 1})
    if point.model and family.link.chain is None:
        yield Problem(code="family-chain-missing", path=(*path, "model"), params={"name": name})
    for barrier in family.link.barriers:
        if point.at < barrier < point.at + point.span:
            yield Problem(code="family-barrier", path=path, params={"name": name, "barrier": barrier})
    if point.stride is not None and point.stride < point.width:
        params = {"name": name, "stride": point.stride, "width": point.width}
        yield Problem(code="family-stride", path=(*path, "stride"), params=params)
    if point.writable and point.table not in _WRITABLE:
        yield Problem(code="family-table-read-only", path=path, params={"name": name, "table": point.table})


def _meeting(name: str, point: RegisterPoint, other: str, before: RegisterPoint) -> Iterator[Problem]:
    """Two points that can be written and share a register."""
    if (point.table, point.unit_id, point.model) != (before.table, before.unit_id, before.model):
        return
    if point.at >= before.at + before.span or before.at >= point.at + point.span:
        return
    same_place = (point.at, point.span) == (before.at, before.span)
    if same_place and point.mask and before.mask and not point.mask & before.mask:
        return  # bits of one register
    params = {"name": name, "other": other, "at": max(point.at, before.at)}
    yield Problem(
        code="family-overlap", path=("points", name), params=params, severity="warning" if same_place else "error"
    )
