"""How the connectors of one device differ on the wire. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.family.expression import Expression
    from gateway.family.family import AsciiFamily, ModbusFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a connector of a device is on its bus: unit id, and what is added to its addresses."""

    unit: int
    offset: int = 0


def spot_of(family: ModbusFamily | AsciiFamily, unit: int | None, connector: int) -> Spot:
    """Unit id and address offset of a connector.

    Args:
        family: What the connectors of one device differ by.
        unit: The site's unit id, which is that of the first connector; None: the family's.
        connector: 1, 2 ...
    """
    instances = family.link.instances
    first = family.link.unit if unit is None else unit
    if instances is None:
        return Spot(unit=first)
    if instances.unit is not None:
        own = added(instances.unit, connector)
        first = own if unit is None else unit + own - added(instances.unit, 1)
    return Spot(unit=first, offset=added(instances.address, connector))


def added(expression: Expression | None, connector: int) -> int:
    """What an expression over ``connector`` gives; 0 where there is none."""
    value = 0 if expression is None else expression.evaluate({"connector": connector})
    return int(value) if isinstance(value, int | float) else 0
