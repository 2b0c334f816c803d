"""Which unit id and which port of a simulated Modbus station has which points. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bench.family.bank import Bank, Placed
from gateway.family.chain import block_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.bench.family.outlet import Outlet
    from gateway.family.control import Step
    from gateway.family.expression import Expression
    from gateway.family.family import ModbusFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a connector is: an offset of its registers, a unit id, an offset of the port."""

    address: int
    unit: int
    port: int


def place_of(family: ModbusFamily, connector: int, unit: int | None) -> Place:
    """Where a connector is.

    Args:
        family: Of the station.
        connector: 1, 2 ...
        unit: Unit id instead of the family's.
    """
    base = family.link.unit if unit is None else unit
    instances = family.link.instances
    if instances is None:
        return Place(address=0, unit=base, port=0)
    return Place(
        address=_whole(instances.address, connector, 0),
        unit=_whole(instances.unit, connector, base),
        port=_whole(instances.port, connector, 0),
    )


def _whole(expression: Expression | None, connector: int, otherwise: int) -> int:
    found = expression.evaluate({"connector": connector}) if expression is not None else None
    return int(found) if isinstance(found, int | float) else otherwise


def banks(family: ModbusFamily, outlets: Sequence[Outlet], unit: int | None) -> Mapping[int, Mapping[int, Bank]]:
    """Offset of the port -> unit id -> what answers there."""
    blocks, fixed = shown(family)
    placed: dict[int, dict[int, list[Placed]]] = {}
    for outlet in outlets:
        place = place_of(family, outlet.number, unit)
        for name, point in family.points.items():
            if name in outlet.absent:
                continue
            at = (block_of(point, blocks) or 0) + point.at + (0 if point.shared else place.address)
            units = placed.setdefault(place.port, {})
            here = units.setdefault(place.unit if point.unit_id is None else point.unit_id, [])
            if not point.shared or not any(each.name == name for each in here):
                here.append(Placed(name=name, point=point, outlet=outlet, at=at))
    fcs = _function_codes(family)
    return {
        port: {unit_id: Bank(family.link, here, fcs, fixed) for unit_id, here in units.items()}
        for port, units in placed.items()
    }


def _function_codes(family: ModbusFamily) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for step in all_steps(family):
        if step.point and step.fc is not None:
            found.setdefault(step.point, set()).add(step.fc)
    return found


def all_steps(family: ModbusFamily) -> Iterable[Step]:
    """Every step of the family's control."""
    control = family.control
    for switch in (control.enable, control.lock, control.availability):
        if switch is not None:
            yield from (*switch.on, *switch.off)
    for sequence in (control.start, control.stop, control.authorize, control.unlock, control.reset, control.wake_ev):
        if sequence is not None:
            yield from sequence.seq
    if control.phases is not None:
        yield from (*control.phases.one, *control.phases.three)
    if control.limit is not None:
        yield from control.limit.write
        yield from () if isinstance(control.limit.pause, str) else control.limit.pause
    yield from (*family.watchdog.seq, *family.watchdog.setup, *family.watchdog.recover)
    for sequence_ in (family.init, family.safe):
        if sequence_ is not None:
            yield from sequence_.seq
