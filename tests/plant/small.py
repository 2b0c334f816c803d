"""A small site with nothing left to chance, for tests of the plant itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.bench.plant.scenario import Scenario
from gateway.bench.plant.visit import Visit
from gateway.load.site import Evse, LoadSite, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.bench.plant.plant import Plant


def scenario(visits: Sequence[Visit] = (), *, seconds: float = 3600.0, limit: float = 32.0, evses: int = 2) -> Scenario:
    """A root with a meter, and EVSEs named ``E0`` on; no setpoint is lost."""
    root = Node(id="root", parent="", limit=(limit, limit, limit), rated=limit, metered=True, imbalance=20.0)
    boxes = tuple(
        Evse(id=f"E{number}", node="root", maximum=32.0, phases=(0, 1, 2), failsafe=6.0, failsafe_timeout=60.0)
        for number in range(evses)
    )
    site = LoadSite(name="small", nodes=(root,), evses=boxes)
    return Scenario(name="small", site=site, seconds=seconds, visits=tuple(visits), loss=0.0)


def visit(evse: str = "E0", **more: float) -> Visit:
    """A car with three phases and 16 A that is there from the beginning."""
    plain = Visit(id=f"at {evse}", evse=evse, arrival=0.0, departure=1e6, energy=50_000.0)
    fields = {name: int(value) if name == "phases" else value for name, value in more.items()}
    return replace(plain, **fields)  # type: ignore[arg-type]  # names and types are those of the fields


def pass_time(plant: Plant, seconds: int) -> None:
    """Let seconds pass."""
    for _ in range(seconds):
        plant.advance()
