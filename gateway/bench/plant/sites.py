"""The sites by name, and the controllers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.plant.anywhere import anywhere
from gateway.bench.plant.baselines import EqualShare, RoundRobin, Static
from gateway.bench.plant.depot import depot
from gateway.bench.plant.home import home
from gateway.bench.plant.park import park
from gateway.load.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.bench.plant.run import Step
    from gateway.bench.plant.scenario import Scenario
    from gateway.load.site import LoadSite


def scenarios() -> Mapping[str, Callable[[int, float], Scenario]]:
    """Name -> what lays down days there, by seed and number of days."""
    return {"home": home, "park": park, "depot": depot, "anywhere": anywhere}


def controllers() -> Mapping[str, Callable[[LoadSite], Step]]:
    """Name -> what makes a controller for a site."""
    return {
        "ours": _ours,
        "equal": lambda site: EqualShare(site).step,
        "robin": lambda site: RoundRobin(site).step,
        "static": lambda site: Static(site).step,
    }


def _ours(site: LoadSite) -> Step:
    controller = Controller(site)
    return lambda seen: controller.step(seen).writes
