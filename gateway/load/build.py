"""From the site file to what load management works with. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gateway.config.circuit import FUSES
from gateway.load.means import means_of
from gateway.load.plan import Slot
from gateway.load.policy import Policy
from gateway.load.power import as_current, left_by_14a
from gateway.load.restrictions import Restriction, Restrictions
from gateway.load.site import Control, Evse, LoadSite, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateway.config.circuit import Circuit, Less, Meter, Period, Reduction, Spot
    from gateway.config.load_keys import LoadKeys
    from gateway.config.site import Connector, Station
    from gateway.config.site import Evse as EvseKeys
    from gateway.load.means import Means
    from gateway.load.site import Phases
    from gateway.model.throttle import OwnLimit

_NOTHING: Phases = (0.0, 0.0, 0.0)
_WIRES = {"R": 0, "S": 1, "T": 2}
_PHASES = {"L1": 0, "L2": 1, "L3": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Everything that the site file says of load management; an EVSE's id is ``IDENTITY/1``.

    Attributes:
        site: Circuits, and the EVSEs whose current can be set; the others are loads of the circuits.
        whole: The same with the others as EVSEs, too, as it is without the box.
        spots: EVSE -> where it is, also those whose current cannot be set.
        means: EVSE -> by what it is held down, also those.
        priorities: EVSE -> 0 to 9, 9 is served first.
        meters: Circuit -> what shows its currents.
        restrictions: When circuits may carry less.
        policy: The times of the controller.
    """

    site: LoadSite
    whole: LoadSite
    spots: Mapping[str, Spot]
    means: Mapping[str, Means]
    priorities: Mapping[str, int]
    meters: Mapping[str, Meter]
    restrictions: Restrictions
    policy: Policy

    @property
    def unlimited(self) -> tuple[str, ...]:
        """EVSEs on a circuit whose current cannot be set: loads with their full current."""
        return tuple(name for name, means in self.means.items() if means.control is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An EVSE on its circuit."""

    id: str
    spot: Spot
    circuit: str
    keys: EvseKeys
    means: Means
    maximum: float

    @property
    def phases(self) -> tuple[int, ...]:
        return wired(self.keys.connector)


def build(
    name: str,
    circuits: Sequence[Circuit],
    stations: Sequence[Station],
    load: LoadKeys,
    timezone: str,
    own: Callable[[Station], OwnLimit | None],
) -> Built:
    """Make it of a checked site.

    Args:
        name: Of the box.
        circuits: The tree, whole: every parent is there.
        stations: All of the site; those on no circuit are not managed.
        load: The times.
        timezone: Of the site.
        own: How a station limits itself (``AdapterModels.own_limit`` of its settings).
    """
    tree = _Tree(circuits, list(_places(circuits, stations, own)))
    whole = LoadSite(
        name=name,
        nodes=tuple(tree.node(each, load) for each in tree.ordered()),
        evses=tuple(tree.evse(each) for each in tree.places),
        voltage=load.voltage,
    )
    return Built(
        site=LoadSite(
            name=name,
            nodes=tuple(replace(each, base_failsafe=tree.uncontrolled(each)) for each in whole.nodes),
            evses=tuple(whole.evse[each.id] for each in tree.places if each.means.control is not None),
            voltage=load.voltage,
        ),
        whole=whole,
        spots={each.id: each.spot for each in tree.places},
        means={each.id: each.means for each in tree.places},
        priorities={each.id: tree.priority(each) for each in tree.places},
        meters={each.keys.id: each.meter for each in circuits if each.meter is not None},
        restrictions=Restrictions(every=tuple(tree.restrictions(load.voltage)), zone=ZoneInfo(timezone)),
        policy=Policy(rotation=load.rotation, rest=load.dwell, writes_per_hour=load.writes_per_hour),
    )


def wired(connector: Connector) -> tuple[int, ...]:
    """Phases of the supply that feed L1, L2, L3; all of them where nobody knows which."""
    if connector.phase is not None:
        return (_PHASES[connector.phase],)
    wires = tuple(_WIRES[each] for each in connector.rotation if each in _WIRES)
    return wires[: connector.phases] if len(wires) == len(_WIRES) else (0, 1, 2)


def _places(
    circuits: Sequence[Circuit], stations: Sequence[Station], own: Callable[[Station], OwnLimit | None]
) -> Iterator[_Place]:
    known = {each.identity: each for each in stations}
    for circuit in circuits:
        for identity, number in circuit.evses:
            station = known[identity]
            keys = next(each for each in station.evse if each.id == number)
            limit, rated = own(station), keys.connector.max_current
            means = means_of(rated, keys.control, limit)
            takes = limit.maximum if limit is not None and keys.control is None else None
            yield _Place(
                id=f"{identity}/{number}",
                spot=(identity, number),
                circuit=circuit.keys.id,
                keys=keys,
                means=means,
                maximum=means.fixed or min(rated, rated if takes is None else takes),
            )


class _Tree:
    """The circuits, and how they hang together."""

    def __init__(self, circuits: Sequence[Circuit], places: list[_Place]) -> None:
        self.places = places
        self._circuit = {each.keys.id: each for each in circuits}

    def path(self, circuit: str) -> list[Circuit]:
        """From a circuit up to the root."""
        found = [self._circuit[circuit]]
        while (parent := found[-1].keys.parent) is not None:
            found.append(self._circuit[parent])
        return found

    def ordered(self) -> list[Circuit]:
        """Parents before their children."""
        return sorted(self._circuit.values(), key=lambda each: len(self.path(each.keys.id)))

    def below(self, circuit: str) -> list[_Place]:
        """The EVSEs whose current flows through a circuit."""
        return [each for each in self.places if any(above.keys.id == circuit for above in self.path(each.circuit))]

    def node(self, circuit: Circuit, load: LoadKeys) -> Node:
        keys = circuit.keys
        imbalance = keys.imbalance
        if imbalance is None and keys.parent is None:
            imbalance = load.imbalance()
        return Node(
            id=keys.id,
            parent=keys.parent or "",
            limit=keys.max_current,
            rated=keys.rated,
            fuse=FUSES[keys.fuse],
            metered=circuit.meter is not None,
            base_failsafe=self._base(circuit),
            imbalance=None if imbalance == "none" else imbalance,
        )

    def uncontrolled(self, node: Node) -> Phases:
        """Other loads of a circuit, and the EVSEs that nothing can hold down."""
        return _sum(node.base_failsafe, *map(_full, self.below(node.id)))

    def _base(self, circuit: Circuit) -> Phases:
        """Other loads; at least those of the child circuits."""
        children = [each for each in self._circuit.values() if each.keys.parent == circuit.keys.id]
        own, behind = circuit.keys.base_load or _NOTHING, _sum(*map(self._base, children))
        return (max(own[0], behind[0]), max(own[1], behind[1]), max(own[2], behind[2]))

    def evse(self, place: _Place) -> Evse:
        means = place.means
        said = (each.keys.fail_safe_current for each in self.path(place.circuit))
        held = next((each for each in said if each is not None), None)
        never = means.failsafe_timeout == float("inf")
        return Evse(
            id=place.id,
            node=place.circuit,
            maximum=place.maximum,
            minimum=max(means.minimum, place.keys.minimum_current or 0.0),
            phases=place.phases,
            step=means.step,
            control=means.control or Control.ONOFF,
            fixed=means.fixed,
            # Who never falls back by itself keeps what it has; without a meter the box then gives it no more than this.
            failsafe=min(held, means.failsafe) if never and held is not None else means.failsafe,
            failsafe_timeout=means.failsafe_timeout,
            measured=means.tells,
        )

    def priority(self, place: _Place) -> int:
        said = [place.keys.priority, *(each.keys.priority for each in self.path(place.circuit))]
        return next((each for each in said if each is not None), 0)

    def restrictions(self, voltage: float) -> Iterator[Restriction]:
        """Every reduction of every circuit, in the order of the file."""
        for circuit in self._circuit.values():
            node, below = circuit.keys.id, self.below(circuit.keys.id)
            for number, reduction in enumerate(circuit.keys.reduce):
                yield Restriction(
                    node=node,
                    limit=_limit(reduction, below, voltage),
                    name=reduction.name or reduction.sensor,
                    source=reduction.source,
                    channel=circuit.switches[number].channel,
                    holds=reduction.when.holds,
                    trips=reduction.lost == "trip",
                )
            for period in circuit.keys.plan:
                limit = _limit(period, below, voltage)
                slot = Slot(days=period.days, start=period.start, end=period.end, limit=limit)
                yield Restriction(node=node, limit=limit, name=_named(period), source=period.source, slot=slot)


def _limit(less: Less | Reduction, below: Sequence[_Place], voltage: float) -> Phases:
    if less.max_current is not None:
        return less.max_current
    watts = less.max_power if less.max_power is not None else left_by_14a(len(below))
    return as_current(watts, {phase for each in below for phase in each.phases}, voltage)


def _named(period: Period) -> str:
    clock = [f"{each // 60:02}:{each % 60:02}" for each in (period.start, period.end)]
    return period.name or "-".join(clock)


def _full(place: _Place) -> Phases:
    """What flows at an EVSE that nothing can hold down."""
    amps = place.means.fixed if place.means.control is None else 0.0
    first, second, third = (amps if phase in place.phases else 0.0 for phase in range(3))
    return (first, second, third)


def _sum(*several: Phases) -> Phases:
    return (sum(each[0] for each in several), sum(each[1] for each in several), sum(each[2] for each in several))
