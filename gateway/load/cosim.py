"""A site and its observations as JSON: what ``stationlift load cosim`` reads and writes, one document a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.load.cells import PHASES
from gateway.load.controller import Controller
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.site import Control, Evse, Fuse, LoadSite, Node
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.load.site import Phases

Json = dict[str, Any]

IMBALANCE = 20.0
"""A that one phase may be loaded more than another at a connection, where the site says nothing (VDE-AR-N 4100)."""
FLOWS = 3.0
"""A that a car draws for certain."""
FORMS_OF_FAULT = frozenset({"e", "f", "error", "fault", "faulted"})
WATT_HOURS = 500.0
"""From here on an energy is taken to be in Wh, below in kWh: no car asks for 500 kWh, or for half a kWh."""


class Cosimulation:
    """One plant, driven from outside: it gives the time."""

    def __init__(self, site: Json) -> None:
        """Know the plant.

        Args:
            site: name, ctrl_dt (s), voltage (V), nodes and evses; currents in A.

        Raises:
            GatewayError: ``cosim-site``.
        """
        try:
            self.site = _site(site)
            self._controller = Controller(self.site)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise GatewayError("cosim-site", value=repr(error)) from error
        self._supply = _Supply({each.id: each.phases for each in self.site.evses})

    def step(self, seen: Json) -> dict[str, float]:
        """EVSE -> A per phase, of those that are to change.

        Raises:
            GatewayError: ``cosim-observation``.
        """
        try:
            observation = self._observation(seen)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise GatewayError("cosim-observation", value=repr(error)) from error
        return dict(self._controller.step(observation).writes)

    def _observation(self, seen: Json) -> Observation:
        return Observation(
            t=float(seen["t"]),
            limits={node: _phases(limit) for node, limit in (seen.get("limits") or {}).items() if limit is not None},
            meters={
                node: None if each is None or each.get("i") is None else _reading(each)
                for node, each in (seen.get("meters") or {}).items()
            },
            evses=tuple(self._evse(each) for each in seen.get("evses") or () if each["id"] in self.site.evse),
        )

    def _evse(self, seen: Json) -> EvseSeen:
        state, at = str(seen.get("state") or "").lower(), seen.get("t_meas")
        session = seen.get("session")
        i = None if at is None or not self.site.evse[seen["id"]].measured else seen.get("i")
        return EvseSeen(
            id=seen["id"],
            online=bool(seen.get("online", True)),
            faulted=state in FORMS_OF_FAULT,
            plugged=bool(seen.get("plugged", session is not None)),
            session=None if session is None else str(session),
            i=None if i is None else self._supply.currents(seen["id"], i),
            t_meas=float("-inf") if at is None else float(at),
            setpoint=_number(seen.get("setpoint")),
            cap=_number(seen.get("csms_limit")),
            priority=int(seen.get("priority") or 0),
            departure=_number(seen.get("departure")),
            requested=_energy(seen.get("energy_requested"), seen.get("energy_requested")),
            delivered=_energy(seen.get("energy_delivered"), seen.get("energy_requested")),
        )


class _Supply:
    """Currents by phase of the supply, whichever way a plant counts them: as the supply does, or as each EVSE does.

    Where the wiring is rotated, a car on one phase shows which it is: it hangs on the EVSE's L1. Until then, each phase
    counts with the more of both.
    """

    def __init__(self, wiring: Mapping[str, tuple[int, ...]]) -> None:
        self._wiring = wiring
        self._own: bool | None = None

    def currents(self, evse: str, i: float | Sequence[float]) -> Phases:
        wired = self._wiring[evse]
        if isinstance(i, int | float):
            return _spread([float(i)] * len(wired), wired)
        found = [float(each) for each in i]
        if len(found) != PHASES:
            return _spread(found, wired)
        rotated = _spread(found[: len(wired)], wired)
        if self._own is None and wired[0] != 0:
            self._learn(found, wired)
        if self._own is None and wired != (0, 1, 2):
            return tuple(max(a, b) for a, b in zip(found, rotated, strict=True))  # type: ignore[return-value]
        return rotated if self._own else (found[0], found[1], found[2])

    def _learn(self, found: list[float], wired: tuple[int, ...]) -> None:
        flowing = [phase for phase, amps in enumerate(found) if amps > FLOWS]
        if flowing == [wired[0]]:
            self._own = False
        elif flowing == [0]:
            self._own = True


def _spread(found: Sequence[float], wired: Sequence[int]) -> Phases:
    row = [0.0, 0.0, 0.0]
    for phase, amps in zip(wired, found, strict=False):
        row[phase] = amps
    return (row[0], row[1], row[2])


def _site(site: Json) -> LoadSite:
    nodes, evses = list(site["nodes"]), list(site["evses"])
    first = min((p for each in evses for p in each["phases"] if isinstance(p, int)), default=0)
    wide = float(site.get("imbalance") or IMBALANCE)
    return LoadSite(
        name=str(site.get("name") or ""),
        period=float(site.get("ctrl_dt") or 1.0),
        voltage=float(site.get("voltage") or 230.0),
        nodes=tuple(_ordered([_node(each, wide) for each in nodes])),
        evses=tuple(_one_evse(each, 0 if first == 0 else 1) for each in evses),
    )


def _node(node: Json, wide: float) -> Node:
    parent = node.get("parent") or ""
    limit = _phases(node["limit"])
    return Node(
        id=node["id"],
        parent=parent,
        limit=limit,
        rated=float(node.get("rated") or max(limit)),
        fuse=Fuse(node.get("fuse") or "gG"),
        metered=bool(node.get("metered")),
        base_failsafe=_phases(node.get("base_failsafe") or 0.0),
        imbalance=float(node["imbalance"]) if node.get("imbalance") else None if parent else wide,
    )


def _ordered(nodes: list[Node]) -> list[Node]:
    """Parents before their children."""
    found: dict[str, Node] = {}
    while len(found) < len(nodes):
        ready = [each for each in nodes if each.id not in found and (not each.parent or each.parent in found)]
        if not ready:
            raise ValueError("circuits: a parent that is not there, or a loop")
        found.update((each.id, each) for each in ready)
    return list(found.values())


def _one_evse(evse: Json, first: int) -> Evse:
    timeout = evse.get("failsafe_timeout")
    meas = evse.get("meas", True)
    return Evse(
        id=evse["id"],
        node=evse["node"],
        maximum=float(evse["max"]),
        minimum=float(evse.get("min") or 6.0),
        phases=_wiring(evse["phases"], first),
        step=float(evse.get("res") or 1.0),
        control=Control(evse.get("ctrl") or "amp"),
        fixed=float(evse.get("fixed") or 0.0),
        failsafe=float(evse.get("failsafe") or 0.0),
        failsafe_timeout=float("inf") if timeout is None else float(timeout),
        measured=meas not in (False, None, 0, "none", "no"),
    )


def _wiring(phases: Sequence[int | str], first: int) -> tuple[int, ...]:
    found = tuple(_phase(each, first) for each in phases)
    if not found or len(set(found)) < len(found) or not set(found) <= set(range(PHASES)):
        raise ValueError(f"phases: {phases}")
    return found


def _phase(phase: int | str, first: int) -> int:
    """0 to 2, from L1 ..., or numbers that begin with 0 or 1."""
    return int(phase.upper().removeprefix("L")) - 1 if isinstance(phase, str) else int(phase) - first


def _phases(value: float | Sequence[float]) -> Phases:
    if isinstance(value, int | float):
        return (float(value),) * 3
    one, two, three = value
    return (float(one), float(two), float(three))


def _reading(meter: Json) -> MeterReading:
    return MeterReading(t=float(meter["t"]), i=_phases(meter["i"]))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _energy(value: float | None, scale: float | None) -> float | None:
    """Wh; the wish tells the unit of both."""
    if value is None:
        return None
    return float(value) * (1.0 if scale is not None and scale >= WATT_HOURS else 1000.0)
