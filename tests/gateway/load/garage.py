"""A few cars that follow their setpoints after some seconds, and meters that show what flows; one step is a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.load.controller import Controller
from gateway.load.observation import EvseSeen, MeterReading, Observation
from gateway.load.site import Evse, LoadSite, Node, Phases

if TYPE_CHECKING:
    from gateway.load.decision import Decision, Reason
    from gateway.load.policy import Policy

ALL = (0, 1, 2)


@dataclass(kw_only=True)
class Parked:
    """A car, and the station it hangs on.

    Attributes:
        loads: Phases of the supply that it loads.
        takes: A per phase that it takes at most.
        lag: Seconds until it follows a setpoint.
        session: None: it may not charge.
        online: The station can be told something, and tells.
        cap: A that others allow.
        priority: More is served first.
        lost: So many of the next writes get lost.
        shows: The station tells its setpoint.
        beyond: A that it measures more than it was told to allow.
    """

    loads: tuple[int, ...] = ALL
    takes: float = 32.0
    lag: float = 2.0
    session: str | None = "visit"
    online: bool = True
    cap: float | None = None
    priority: int = 0
    lost: int = 0
    shows: bool = True
    beyond: float = 0.0
    setpoint: float = 0.0
    draws: float = 0.0
    since: float = 0.0


@dataclass(kw_only=True)
class Garage:
    """The site, with its controller; ``base`` is what else flows below each metered circuit."""

    site: LoadSite
    cars: dict[str, Parked]
    base: dict[str, Phases] = field(default_factory=dict)
    policy: Policy | None = None
    metered: bool = True
    t: float = 0.0
    last: Decision | None = None
    log: list[tuple[float, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._controller = Controller(self.site, self.policy)
        self._meters: dict[str, MeterReading] = {}

    def load(self, node: str) -> Phases:
        """What flows through a circuit, A per phase."""
        total = list(self.base.get(node, (0.0, 0.0, 0.0)))
        for name, car in self.cars.items():
            if node in self.site.path(self.site.evse[name].node):
                for phase in car.loads:
                    total[phase] += car.draws
        return (total[0], total[1], total[2])

    def step(self) -> dict[str, float]:
        """A second goes by; what is written."""
        self.t += 1.0
        for car in self.cars.values():
            if self.t - self.car_delay(car) >= car.since:
                car.draws = min(car.setpoint, car.takes) if car.session is not None else 0.0
        if self.metered:
            metered = (node.id for node in self.site.nodes if node.metered)
            self._meters = {node: MeterReading(t=self.t, i=self.load(node)) for node in metered}
        seen = Observation(t=self.t, meters=dict(self._meters), evses=tuple(self._seen(name) for name in self.cars))
        self.last = self._controller.step(seen)
        for name, amps in self.last.writes.items():
            self.log.append((self.t, name, amps))
            self._write(self.cars[name], amps)
        return dict(self.last.writes)

    def car_delay(self, car: Parked) -> float:
        """Seconds until it does what it was told: twice as long to begin."""
        return car.lag if car.draws > 0 else 2 * car.lag

    def run(self, seconds: int) -> None:
        """Some time goes by."""
        for _ in range(seconds):
            self.step()

    def reason(self, name: str) -> Reason:
        """Why an EVSE has no more, at the last step."""
        assert self.last is not None
        return self.last.reasons[name]

    def given(self, name: str) -> float:
        """The setpoint that stands."""
        assert self.last is not None
        return self.last.setpoints[name]

    def _write(self, car: Parked, amps: float) -> None:
        if car.lost:
            car.lost -= 1
        elif car.online and amps != car.setpoint:
            car.setpoint, car.since = amps, self.t

    def _seen(self, name: str) -> EvseSeen:
        car, evse = self.cars[name], self.site.evse[name]
        shown = car.draws + car.beyond if car.draws > 0 else 0.0
        i = tuple(shown if phase in car.loads else 0.0 for phase in range(3))
        told = car.online and evse.measured
        return EvseSeen(
            id=name,
            online=car.online,
            plugged=car.session is not None,
            session=car.session,
            i=(i[0], i[1], i[2]) if told else None,
            t_meas=self.t if told else float("-inf"),
            setpoint=car.setpoint if car.shows and car.online else None,
            cap=car.cap,
            priority=car.priority,
        )


def node(limit: float = 32.0, *, metered: bool = True, failsafe: float = 0.0, imbalance: float | None = None) -> Node:
    """The connection."""
    return Node(
        id="main",
        parent="",
        limit=(limit, limit, limit),
        rated=limit,
        metered=metered,
        base_failsafe=(failsafe, failsafe, failsafe),
        imbalance=imbalance,
    )


def site(*evses: Evse, root: Node | None = None, below: tuple[Node, ...] = ()) -> LoadSite:
    """A connection with EVSEs."""
    return LoadSite(name="garage", nodes=(root or node(), *below), evses=evses)


def evse(name: str, **more: object) -> Evse:
    """One of up to 32 A below the connection, if nothing else is said."""
    return Evse(**{"id": name, "node": "main", "maximum": 32.0, **more})  # type: ignore[arg-type] # given as written
