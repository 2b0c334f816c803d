"""What is done to an EVSE after each connecting: the family's first steps, and what it falls back to without the box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.common.actor import Actor, Look
    from adapters.common.bounds import Bounds
    from adapters.common.complaints import Complaints
    from gateway.family.family import AnyFamily

_SAME = 0.05
"""A setting that differs by no more is as it is to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """What preparing an EVSE takes.

    Attributes:
        family: With its variants.
        actor: Does the steps.
        look: Reads points.
        bounds: Makes A of W.
        fallback: A per phase without the box, within the ceilings; None: the station's own.
        timeout: Seconds until then; None: the station's own.
        again: The station was reached before, so it may have heard nothing for a while.
    """

    family: AnyFamily
    actor: Actor
    look: Look
    bounds: Bounds
    fallback: float | None
    timeout: float | None
    again: bool


async def prepare(this: Preparing, complaints: Complaints) -> None:
    """Do it; what the station refuses is told, and keeps the rest from nothing.

    Raises:
        Unreachable: the station does not answer.
    """
    for part in (_init, _watchdog, _recover, _arm):
        name = part.__name__.removeprefix("_")
        try:
            await part(this)
        except Unreachable:
            raise
        except GatewayError as error:
            complaints.once(name, "%s: not set up: %s", this.family.meta.id, error)
        else:
            complaints.over(name, "%s: set up", this.family.meta.id)


async def _init(this: Preparing) -> None:
    if this.family.init is not None:
        await this.actor.run(this.family.init.seq)


async def _watchdog(this: Preparing) -> None:
    await this.actor.run(this.family.watchdog.setup, fallback=this.fallback, timeout=this.timeout)


async def _recover(this: Preparing) -> None:
    if this.again:
        await this.actor.run(this.family.watchdog.recover)


async def _arm(this: Preparing) -> None:
    """Set the fallback; only on change, as it may be kept in a memory that wears."""
    dog, points = this.family.watchdog, this.family.points
    fallback = this.fallback
    if fallback is not None and dog.fallback in points:
        fallback = this.bounds.in_unit(fallback, points[dog.fallback].unit)
    for name, wanted in ((dog.fallback, fallback), (dog.timeout, this.timeout)):
        if wanted is None or name not in points or not points[name].writable:
            continue
        shown = (await this.look(name)).get(name) if points[name].readable else None
        if not isinstance(shown, int | float) or abs(shown - wanted) > _SAME:
            await this.actor.write(name, wanted)
