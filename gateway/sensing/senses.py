"""The sensors of a site, put together: drivers, channels, variables, reactions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from gateway.contracts import Buses
from gateway.contracts.sensing import SensorSettings
from gateway.model.commands import Outcome, Verdict
from gateway.model.device import VariableSpec
from gateway.model.device_types import DataType
from gateway.model.errors import GatewayError
from gateway.model.installation import Alerting, AlertKind
from gateway.model.sensing import Quality
from gateway.sensing.desk import Desk
from gateway.sensing.feed import BAY, Feed, Sink, text_of
from gateway.sensing.meters import is_fiscal, spot_of
from gateway.sensing.plan import planned
from gateway.sensing.reflex import Arms, Reflex
from gateway.trial_orders import ShownChannel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    from gateway.config.sensor import Alert
    from gateway.config.site import Sensor, Site
    from gateway.contracts.sensing import Panel, SensorKind
    from gateway.model.sensing import Judged, Value
    from gateway.sensing.meters import Spot
    from gateway.sensing.plan import Gives, Planned
    from gateway.sensing.signer import Sign
    from gateway.sensing.totals import Totals

LOST_SEVERITY = 4
"""Error: a sensor that is lost has to be looked at, and nobody is in danger by that alone."""


class House(Sink, Arms, Protocol):
    """The box, as sensors need it."""


class Listener(Protocol):
    """Somebody who is told what sensors send, besides the variables of stations."""

    @property
    def points(self) -> Mapping[str, frozenset[str]]:
        """Sensor -> points that it has to be asked for."""

    def on(self, panel: Panel) -> Panel:
        """A panel that tells this one, and the listener."""

    def changed(self, channel: str) -> None:
        """A channel tells something else."""


class Senses:
    """All sensors of the box at run time."""

    def __init__(
        self,
        site: Site,
        kinds: Mapping[str, type[SensorKind]],
        house: House,
        *,
        totals: Totals | None = None,
        buses: Buses | None = None,
        listener: Listener | None = None,
        read_only: bool = False,
    ) -> None:
        """Make the drivers; nothing is read before ``parts`` run.

        Args:
            site: The site.
            kinds: Kinds of sensors that are installed.
            house: The box.
            totals: Where what they count is kept over a restart.
            buses: What they share with the stations.
            listener: Who else wants points of theirs, as they are sent.
            read_only: In a dry run.
        """
        plan = plan_of(site)
        self._plan, self._reflex = plan, Reflex(house, self._switch)
        self._feed = Feed(plan, house, self._reflex)
        self._listener = listener
        self._desk = Desk((each.tap for each in plan), self._changed, read_only=read_only)
        panel: Panel = self._desk if listener is None else listener.on(self._desk)
        self._panel = totals.on(panel) if totals is not None else panel
        by_kind: dict[str, list[Sensor]] = {}
        for sensor in site.sensor:
            by_kind.setdefault(sensor.keys.kind, []).append(sensor)
        shared, more = buses or Buses(), {} if listener is None else listener.points
        self._kinds = {name: kinds[name].made(_settings(each, plan, more), shared) for name, each in by_kind.items()}
        self._kind_of = {sensor.name: self._kinds[sensor.keys.kind] for sensor in site.sensor}
        self._meters = meters_of(site)
        self._outputs = {s.name: [p.name for p in s.points if p.output] for s in site.sensor}
        self._analogue = {s.name: [p.name for p in s.points if p.analogue] for s in site.sensor}

    def parts(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What is to run for as long as the box does, by name."""
        for name, kind in self._kinds.items():
            yield f"sensors {name}", lambda kind=kind: kind.run(self._panel)  # type: ignore[misc]

    def _changed(self, channel: str, judged: Judged) -> None:
        self._feed.on_change(channel, judged)
        if self._listener is not None:
            self._listener.changed(channel)

    def value(self, channel: str) -> Value | None:
        """What a channel tells; None: nothing that counts."""
        judged = self._desk.now(channel)
        return judged.value if judged.quality is Quality.GOOD else None

    def signers(self) -> dict[Spot, Sign]:
        """The meters that sign transactions, by EVSE."""
        return {spot: partial(self._kind_of[name].sign, name) for spot, name in self._meters.items()}

    def close(self) -> None:
        """Wait for nothing any more."""
        self._desk.close()
        self._reflex.close()
        self._feed.close()

    def shown(self, sensor: str) -> tuple[ShownChannel, ...]:
        """What the channels of a sensor tell now.

        Raises:
            GatewayError: ``test-unknown-sensor``.
        """
        if sensor not in self._kind_of:
            raise GatewayError("test-unknown-sensor", value=sensor, known=", ".join(self._kind_of))
        return tuple(_shown(each, self._desk.now(each.tap.id)) for each in self._plan if each.tap.sensor == sensor)

    async def switch(self, output: str, *, on: bool) -> None:
        """Switch an output for a test; what a reaction holds stays as it is.

        Raises:
            GatewayError: ``test-output-held``, ``test-not-switched``.
        """
        meant = self._output(output)
        for each in self._plan:
            held = each.reaction.output if each.reaction is not None and self._reflex.active(each.tap.id) else None
            if held is not None and self._output(held) == meant:
                raise GatewayError("test-output-held", value=output, sensor=each.tap.sensor)
        outcome = await self._switch(output, on)
        if not outcome.accepted:
            raise GatewayError("test-not-switched", value=output, reason=outcome.reason or outcome.verdict.value)

    async def turn(self, output: str, *, on: bool) -> Outcome:
        """Switch an output for whoever limits an EVSE by it; no reaction has the same one."""
        return await self._switch(output, on)

    async def drive(self, output: str, value: float) -> Outcome:
        """Set an analogue output, named as sensor/point."""
        sensor, _, point = output.partition("/")
        kind = self._kind_of.get(sensor)
        if kind is None:
            return Outcome(verdict=Verdict.UNKNOWN, reason=f"no sensor {sensor}")
        return await kind.drive(sensor, point or next(iter(self._analogue.get(sensor, ())), ""), value)

    def _output(self, output: str) -> tuple[str, str]:
        """Sensor and point of an output; without a point the sensor's first one is meant."""
        sensor, _, point = output.partition("/")
        return sensor, point or next(iter(self._outputs.get(sensor, ())), "")

    async def _switch(self, output: str, on: bool) -> Outcome:  # noqa: FBT001 - as Reflex calls it
        sensor, point = self._output(output)
        kind = self._kind_of.get(sensor)
        if kind is None:
            return Outcome(verdict=Verdict.UNKNOWN, reason=f"no sensor {sensor}")
        return await kind.switch(sensor, point, on=on)


def _shown(planned: Planned, judged: Judged) -> ShownChannel:
    spec = planned.gives[0].spec
    return ShownChannel(
        variable=spec.ref.label,
        unit=spec.unit,
        quality=judged.quality.value,
        value=judged.value,
        low=spec.min_limit,
        high=spec.max_limit,
    )


def meters_of(site: Site) -> dict[Spot, str]:
    """The name of the meter that signs the transactions of an EVSE."""
    stations = {station.identity: [evse.id for evse in station.evse] for station in site.station}
    found: dict[Spot, str] = {}
    for sensor in site.sensor:
        spot = spot_of(sensor.keys, stations) if sensor.signs and is_fiscal(sensor.values) else None
        if spot is not None:
            found.setdefault(spot, sensor.name)
    return found


def counted_by(site: Site) -> list[tuple[str, str]]:
    """Sensor and point of all that is counted."""
    return [(sensor.name, point.name) for sensor in site.sensor for point in sensor.points if point.counts]


def plan_of(site: Site) -> tuple[Planned, ...]:
    """The channels of a site."""
    return planned(site.sensor, (station.identity for station in site.station))


def equipment_of(plan: Iterable[Planned], station: str) -> tuple[VariableSpec, ...]:
    """The variables that sensors give a station: each value, and for its component whether there is a problem."""
    found: dict[str, VariableSpec] = {}
    for gives in _given(plan, station):
        problem = VariableSpec(ref=gives.problem, type=DataType.BOOLEAN, default="false", live=True)
        found.setdefault(problem.ref.key, problem)
        ref = gives.spec.ref
        if ref.component != BAY or not ref.evse or ref.component_instance:  # else it is of the state of the station
            found[gives.spec.ref.key] = gives.spec
    return tuple(found.values())


def alerts_of(plan: Iterable[Planned], station: str) -> tuple[Alerting, ...]:
    """What the backend hears of a station's sensors by itself: the alerts of the site file, and every sensor that is lost."""
    found: dict[str, Alerting] = {}
    for each in plan:
        for gives in (gives for gives in each.gives if gives.station == station):
            found.setdefault(
                gives.problem.key, Alerting(ref=gives.problem, severity=LOST_SEVERITY, kind=AlertKind.LOST)
            )
            if each.keys.alert is not None:
                found[gives.spec.ref.key] = _alerting(gives, each.keys.alert)
    return tuple(found.values())


def _given(plan: Iterable[Planned], station: str) -> Iterator[Gives]:
    return (gives for each in plan for gives in each.gives if gives.station == station)


def _alerting(gives: Gives, alert: Alert) -> Alerting:
    when, spec = alert.when, gives.spec
    word = text_of(bool(when.value) if spec.type is DataType.BOOLEAN else when.value, spec.type)
    return Alerting(
        ref=spec.ref,
        severity=alert.severity,
        hysteresis=alert.hysteresis,
        above=float(when.value) if when.how in {">", ">="} else None,
        below=float(when.value) if when.how in {"<", "<="} else None,
        equals=word if when.how == "==" else None,
        unlike=word if when.how == "!=" else None,
        message=alert.message,
    )


def _settings(
    sensors: Iterable[Sensor], plan: Iterable[Planned], more: Mapping[str, frozenset[str]]
) -> list[SensorSettings]:
    wanted = {name: set(points) for name, points in more.items()}
    for each in plan:
        wanted.setdefault(each.tap.sensor, set()).add(each.tap.point)
    return [
        SensorSettings(
            name=sensor.name,
            points=frozenset(wanted.get(sensor.name, ())),
            options=sensor.options,
            urgent=more.get(sensor.name, frozenset()),
        )
        for sensor in sensors
    ]
