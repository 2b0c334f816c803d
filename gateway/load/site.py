"""The fuse tree and its EVSEs as load management knows them: what does not change while the box runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Phases = tuple[float, float, float]
"""A on L1, L2 and L3 of the supply."""


class Fuse(StrEnum):
    """How a fuse trips: a gG fuse (IEC 60269) or a circuit breaker of curve B (IEC 60898)."""

    GG = "gG"
    B = "B"


class Control(StrEnum):
    """How the current of an EVSE is set."""

    AMP = "amp"  # in steps, from its minimum to its maximum
    ONOFF = "onoff"  # it draws what it draws, or nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One circuit.

    Attributes:
        id: Its name.
        parent: The circuit that feeds it, "" for a root.
        limit: A per phase that may flow all the time: the lowest of fuse, cable and contract.
        rated: Rating of the fuse, A.
        fuse: How it trips.
        metered: Whether a meter shows all that flows through it.
        base_failsafe: What other loads below it, which nobody controls, draw at worst; it counts where no meter shows
            them. Loads behind a child circuit count here as well, not instead.
        imbalance: A by which the EVSEs below may load one phase more than another; None: no rule.
    """

    id: str
    parent: str
    limit: Phases
    rated: float
    fuse: Fuse = Fuse.GG
    metered: bool = False
    base_failsafe: Phases = (0.0, 0.0, 0.0)
    imbalance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evse:
    """One EVSE.

    Attributes:
        id: Its name, unique in the site.
        node: The circuit that it hangs on.
        maximum: A per phase that it may draw at most: the lowest of nameplate, cable and its own fuse.
        minimum: A per phase below which it gives nothing; 6 by IEC 61851-1.
        phases: Which phase of the supply (0 to 2) feeds its L1, and its L2 and L3 if it has them.
        step: A between one setpoint and the next.
        control: How its current is set.
        fixed: A per phase that it draws when it is on, where it can only be switched.
        failsafe: A per phase that it falls to by itself when it hears nothing.
        failsafe_timeout: Seconds after which it does; inf: it never does.
        measured: Whether it tells what flows.
    """

    id: str
    node: str
    maximum: float
    minimum: float = 6.0
    phases: tuple[int, ...] = (0, 1, 2)
    step: float = 1.0
    control: Control = Control.AMP
    fixed: float = 0.0
    failsafe: float = 0.0
    failsafe_timeout: float = float("inf")
    measured: bool = True

    @property
    def least(self) -> float:
        """A per phase that a car there draws at least when it charges."""
        return self.minimum if self.control is Control.AMP else self.fixed or self.maximum


@dataclass(frozen=True, kw_only=True)
class LoadSite:
    """All circuits and EVSEs that one controller shares current among.

    Attributes:
        name: For reports.
        period: Seconds between steps of the controller.
        voltage: V from phase to neutral.
        nodes: The circuits, parents before their children.
        evses: The EVSEs.
    """

    name: str
    nodes: tuple[Node, ...]
    evses: tuple[Evse, ...]
    period: float = 1.0
    voltage: float = 230.0
    _paths: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def node(self) -> Mapping[str, Node]:
        """Circuits by id."""
        return {each.id: each for each in self.nodes}

    @cached_property
    def evse(self) -> Mapping[str, Evse]:
        """EVSEs by id."""
        return {each.id: each for each in self.evses}

    def path(self, node: str) -> tuple[str, ...]:
        """The circuits that a current below ``node`` flows through, from there up to the root."""
        if node not in self._paths:
            parent = self.node[node].parent
            self._paths[node] = (node, *(self.path(parent) if parent else ()))
        return self._paths[node]
