"""One connector of a simulated station: what its points hold, and what comes of writes to them."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.bench.car import fail, pause
from gateway.bench.family.flags import CHANGES, FAULTY, fresh, is_offering, letters
from gateway.bench.family.identity import Identity
from gateway.bench.family.memory import Memory
from gateway.bench.family.nap import Nap
from gateway.bench.family.physics import Charge
from gateway.bench.family.reading import limit_of, matches
from gateway.bench.family.verbs import Verb, triggers
from gateway.bench.family.view import METER, amps, measured, supply
from gateway.bench.family.watch import Watch
from gateway.family.interpret import interpret
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.bench.car import Car
    from gateway.bench.clock import Clock
    from gateway.bench.family.quantities import Measured
    from gateway.bench.family.verbs import Trigger
    from gateway.family.family import AnyFamily
    from gateway.family.state import Letter
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

_GRAIN = 1e-6


class Outlet:
    """One connector.

    Args:
        family: With the variants that the station is.
        number: Of the connector, from 1.
        clock: Time of meter, battery and ramps.
        identity: What is particular to this station.
        pace: How much faster than the clock of the watchdog that is; a watchdog waits for a real gateway.
        changed: Called when something has happened that an onlooker may see.
        restart: Called when it is told to restart; by default it only forgets, and is reachable all the time.

    Attributes:
        writes: How often each point was written, or each command sent that is no mere question.
    """

    def __init__(
        self,
        family: AnyFamily,
        number: int,
        clock: Clock,
        *,
        identity: Identity | None = None,
        pace: float = 1.0,
        changed: Callable[[], None] = lambda: None,
        restart: Callable[[], None] | None = None,
    ) -> None:
        self.family = family
        self.number = number
        self.writes: Counter[str] = Counter()
        self._clock = clock
        self._pace = pace
        self._changed = changed
        self._restart = restart or self.reboot
        self._triggers = triggers(family)
        self._watch = Watch(family)
        self._nap = Nap(getattr(family.link, "wake_retry", 0))
        self._settled = self._booted = self._plugged_at = clock.elapsed()
        self._error = ""
        self._measures: Outlet | None = None
        self.flags = fresh(self.family, self._triggers)
        self._charge = Charge(evse=supply(self.family), limit=self._amps, start=METER)
        self.memory = Memory(family, self._triggers, identity or Identity())
        self.memory.stored.update(self._watch.initial())

    @property
    def absent(self) -> frozenset[str]:
        """Points that this station does not have."""
        return self.memory.identity.absent

    def lacks(self, source: str) -> bool:
        """True where this variant has nothing of what comes from a source."""
        points = self.family.points
        told = {name for name, point in points.items() if getattr(point, "from_", None) == source}
        return bool(told) and told <= self.absent

    # -- what an onlooker sees --------------------------------------------------------------------------------------

    def raw(self, name: str) -> Value:
        """What a point holds now, as the wire carries it.

        Raises:
            KeyError: the family has no such point.
        """
        self.settle()
        return self.memory.raw(name, self.flags, self._measured(), self._tell)

    def rank(self, name: str) -> int:
        """How much a point has to say about its registers, where others stand in them, too."""
        return self.memory.rank(name)

    @property
    def charge(self) -> Charge:
        """Car and EVSE now."""
        self.settle()
        return self._charge

    @property
    def letter(self) -> Letter:
        """What a gateway takes the state for."""
        self.settle()
        return self.memory.letter(self.flags, self._measured(), self._tell)

    @property
    def struck(self) -> bool:
        """The watchdog has struck, and was not fed since."""
        self.settle()
        return self._watch.struck

    def summary(self) -> dict[str, object]:
        """What the station really does, for tests and for people."""
        charge = self.charge
        return {
            "evse": self.number,
            "letter": str(self.letter),
            "plugged": charge.evse.car is not None,
            "closed": charge.evse.closed,
            "released": self.flags.released and not self.flags.held,
            "in_service": self.flags.in_service,
            "limit": round(self._amps, 3),
            "set": round(self.flags.limit, 3),
            "phases": self.flags.phases,
            "current": round(charge.evse.current, 3),
            "power": round(charge.evse.power, 1),
            "register": round(charge.evse.register, 1),
            "fault": charge.evse.fault,
            "token": self.flags.token,
            "watchdog": {"struck": self._watch.struck, "strikes": self._watch.strikes},
            "writes": dict(self.writes),
        }

    def measure(self, other: Outlet) -> None:
        """Be a meter in the supply of another connector, and tell what flows there."""
        self._measures = other

    # -- what comes over the wire -----------------------------------------------------------------------------------

    def heard(self) -> bool:
        """Something came, whatever it was; False where it has only woken the station."""
        self.settle()
        if self._nap.loses(self._real, plugged=self._charge.evse.car is not None):
            return False
        self._watch.traffic(self._real)
        return True

    def write(self, name: str, raw: Value) -> None:
        """A point is written.

        Raises:
            GatewayError: ``point-value``: the station does not take that.
        """
        self.settle()
        self.writes[name] += 1
        given = {"value": interpret(self.family.points[name], raw)}
        self._obey(name, given, is_point=True, raw=raw)
        self.memory.store(name, raw)
        self._changed()

    def send(self, name: str, args: Mapping[str, Value]) -> None:
        """A command, request or topic has come.

        Raises:
            GatewayError: ``point-value``: the station does not do that.
        """
        self.settle()
        if not args and all(each.place != (name, False) for each in self._triggers):
            return  # a mere question
        self.writes[name] += 1
        self._obey(name, args, is_point=False)
        self._changed()

    def _obey(self, target: str, given: Mapping[str, Value], *, is_point: bool, raw: Value = None) -> None:
        known = self._known()
        exact = False
        for trigger in self._triggers:
            if self._watch.feeds(trigger, target, is_point=is_point):
                self._watch.written(Verb.FEED, self._real)
                continue
            if trigger.place != (target, is_point) or (exact and trigger.setting):
                continue
            found = matches(self.family, trigger, given, known)
            if found is not None:
                self._do(trigger, given, found, known, raw)
                exact = exact or trigger.verb is Verb.PAUSE
                self._watch.written(trigger.verb, self._real)
        self._offer()

    def _do(
        self,
        trigger: Trigger,
        given: Mapping[str, Value],
        found: Mapping[str, Value],
        known: Mapping[str, Value],
        raw: Value,
    ) -> None:
        if trigger.verb is Verb.LIMIT:
            self._limit(trigger, given, known, raw)
        elif trigger.verb is Verb.PAUSE and self._carries(trigger):
            self.memory.limit_lost()
            self._flag({"held": True, "limit": 0.0})
        elif trigger.verb is Verb.TOGGLE:
            self._flag({"released": not self.flags.released})
        elif trigger.verb is Verb.RESET:
            self._restart()
        else:
            self._flag(CHANGES.get(trigger.verb, {}))
        if trigger.verb is Verb.WAKE_EV:
            self._act(replace(self._charge, evse=pause(self._charge.evse, paused=False)))
        if isinstance(found.get("token"), str):
            self._flag({"token": found["token"]})

    def _carries(self, pause: Trigger) -> bool:
        """True where the pause is a value of what holds the limit, too: nothing is left of that then."""
        return any(each.verb is Verb.LIMIT and each.place == pause.place for each in self._triggers)

    def _limit(self, trigger: Trigger, given: Mapping[str, Value], known: Mapping[str, Value], raw: Value) -> None:
        limit = self.family.control.limit
        if limit is None:
            return
        value = limit_of(limit, trigger, given, known, self.flags.phases)
        if value is None or value > limit.max + _GRAIN or _GRAIN < value < limit.min - max(limit.step, _GRAIN):
            raise GatewayError("point-value", value=given.get("value", raw))
        resumes = value > 0 and not any(each.verb is Verb.RESUME for each in self._triggers)
        self.memory.limit_written(trigger)
        self._flag({"limit": value} | ({"held": False} if resumes else {}))

    def _known(self) -> dict[str, Value]:
        names = {name for each in self._triggers for expression in each.args.values() for name in expression.names}
        points = self.family.points
        return {name: interpret(points[name], self.raw(name)) for name in sorted(names) if name in points}

    # -- what happens to it -----------------------------------------------------------------------------------------

    def plug(self, car: Car | None) -> None:
        """Put a plug in, or (None) pull it; the token of the session before is gone."""
        self.settle()
        self._plugged_at = self._clock.elapsed()
        if car is None:
            self._flag({"token": "", "released": self.flags.released and fresh(self.family, self._triggers).released})
        self._act(self._charge.plugged(car))

    def present(self, token: str) -> None:
        """Hold a card to the reader."""
        self.settle()
        self._flag({"token": token})
        self._changed()

    def pause(self, *, paused: bool) -> None:
        """Let the car stop or go on drawing current."""
        self.settle()
        self._act(replace(self._charge, evse=pause(self._charge.evse, paused=paused)))

    def fail(self, error: str) -> None:
        """Raise a fault, or (empty) clear it."""
        self.settle()
        self._error = error
        self._act(replace(self._charge, evse=fail(self._charge.evse, error)))

    def reboot(self) -> None:
        """Lose what is only kept while there is power; plug, meter and fault stay."""
        self.settle()
        self._booted = self._clock.elapsed()
        self._watch.forget()
        self.flags = replace(fresh(self.family, self._triggers), in_service=self.flags.in_service)
        self.memory.forget()
        self.memory.stored.update((name, raw) for name, raw in self._watch.initial() if name not in self.memory.stored)
        self._act(self._charge)

    # -- time -------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything count up to now."""
        now = self._clock.elapsed()
        if self._measures is not None:
            self._charge, self._settled = self._measures.charge, now
            return
        due = self._watch.due(self.memory.stored.get(self.family.watchdog.timeout))
        if due is not None and due <= now / self._pace:
            self._pass(max(self._settled, due * self._pace))
            self._strike()
        self._pass(now)

    def _pass(self, until: float) -> None:
        self._charge = self._charge.later(until - self._settled)
        self._settled = until

    def _strike(self) -> None:
        self._watch.strike()
        self.memory.limit_lost()
        self._flag({"limit": self._watch.fallback(self.memory.stored, self.flags.phases)})
        logger.info("connector %s: watchdog struck, limit %s", self.number, self.flags.limit)
        self._changed()

    @property
    def _real(self) -> float:
        return self._clock.elapsed() / self._pace

    # -- inside -----------------------------------------------------------------------------------------------------

    @property
    def _amps(self) -> float:
        return amps(self.family, self.flags)

    @property
    def _offers(self) -> bool:
        return is_offering(self.family, self.flags, self._charge.evse)

    def _flag(self, changes: Mapping[str, object]) -> None:
        self.flags = replace(self.flags, **changes)  # type: ignore[arg-type] # names and types of CHANGES
        self._offer()

    def _act(self, charge: Charge) -> None:
        self._charge = charge
        self._offer()
        self._changed()

    def _offer(self) -> None:
        charge = replace(self._charge, evse=replace(self._charge.evse, phases=self.flags.phases))
        self._charge = charge.offering(self._amps, closed=self._offers)

    def _tell(self) -> tuple[tuple[Letter, ...], str]:
        """The states that are to be told, and the error."""
        wanted = letters(self._charge, self.flags, offers=self._offers)
        if wanted == FAULTY:
            # A family whose letters know no fault tells it by its error alone.
            healthy = replace(self._charge, evse=replace(self._charge.evse, fault=""))
            wanted = (*FAULTY, *letters(healthy, self.flags, offers=False))
        return wanted, self._error

    def _measured(self) -> Measured:
        now = self._clock.elapsed()
        since = now - self._plugged_at if self._charge.evse.car is not None else 0.0
        return measured(
            self.family, self._charge, self.flags, offers=self._offers, session_time=since, uptime=now - self._booted
        )
