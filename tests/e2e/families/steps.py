"""The steps of a visit, and what is asked for in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.families.ability import Ability

CARD = "04A1B2C3"
APP = "app-user-1"
CANNOT = "cannot"
"""Written down for a step that the family's file lets nobody expect."""

LIMIT = 8.0
LOWEST = 3.0
SAFE = 6.0
"""A per phase: what is asked for, what is less than any station can offer, and what holds without the box."""

WITHIN = 25.0
IDLE = 2.0
GRAIN = 0.05
UNCOUNTED = 20.0
"""Wh that a session may be wrong by whose energy is power over time: polls are 5 s apart, and the current changes."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the visit, and whether a family can do it; after an ``essential`` one that fails nothing can follow."""

    name: str
    possible: Callable[[Ability], bool] = lambda _: True
    essential: bool = False


STEPS = (
    Step("boots", essential=True),
    Step("occupied", lambda can: can.plugs, essential=True),
    Step("held", lambda can: can.holds),
    Step("starts", essential=True),
    Step("charges", essential=True),
    Step("meters", lambda can: can.measures),
    Step("limits", lambda can: can.limits),
    Step("pauses", lambda can: can.limits),
    Step("resumes", lambda can: can.limits),
    Step("lost"),
    Step("found", essential=True),
    Step("faulty", lambda can: can.faults),
    Step("healthy", lambda can: can.faults),
    Step("stops", essential=True),
    Step("unplugs", lambda can: can.plugs, essential=True),
    Step("again", essential=True),
)
