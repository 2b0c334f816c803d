"""What a box needs, from what its load management sees and decides. Pure."""

from __future__ import annotations

from collections import deque
from math import ceil, isinf
from typing import TYPE_CHECKING

from gateway.load.decision import Cause
from gateway.load.policy import Policy
from gateway.load.sharing.messages import Need, Want
from gateway.load.sharing.rules import NOTHING, highest, less, lowest, total
from gateway.load.site import Control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.load.decision import Decision
    from gateway.load.observation import EvseSeen, MeterReading, Observation
    from gateway.load.site import Evse, LoadSite, Phases

FLOWS, EVEN = 1.0, 3.0
"""A above which a phase is in use for certain; A above which it is certain as well which are not."""

MORE = 2.0
"""A that a car which takes no more may take all the same."""

_HISTORY = 64


class Needs:
    """Remembers what EVSEs below one circuit were allowed, as they follow a while later."""

    def __init__(self, site: LoadSite, circuit: str, back: float, policy: Policy | None = None) -> None:
        """Take the circuit.

        Args:
            site: Of the box.
            circuit: At the top of its tree.
            back: Seconds after which others have given back what a box has lent that is gone.
            policy: The times of the controller.
        """
        self._circuit = site.node[circuit]
        self._evses = [each for each in site.evses if circuit in site.path(each.node)]
        self._policy = policy or Policy()
        self._back = back
        self._past: dict[str, deque[tuple[float, float]]] = {each.id: deque(maxlen=_HISTORY) for each in self._evses}
        self._turned: dict[str, tuple[bool, float]] = {}

    def look(
        self, seen: Observation, decision: Decision, own: Phases | None = None, meter: MeterReading | None = None
    ) -> Need:
        """What there is to tell.

        Args:
            seen: What the box sees.
            decision: What it made of that.
            own: A per phase that the circuit might carry if nobody else used the connection; None: all that it is built for.
            meter: Of the connection that it shares; None: it has none.
        """
        cars = {each.id: each for each in seen.evses}
        now, root = seen.t, self._circuit.id
        reading = seen.meters.get(root)
        fresh = reading is not None and now - reading.t < self._policy.blind
        measured = total(*(each.i for each in cars.values() if each.i is not None and self._here(each.id)))
        rest = highest(less(reading.i, measured)) if reading is not None and fresh else self._circuit.base_failsafe
        base = total(rest, *(self._lost(each, cars.get(each.id), decision) for each in self._evses))
        return Need(
            wants=tuple(self._wants(cars, decision, now)),
            holds=total(rest, *(self._upper(each, cars.get(each.id), decision, now) for each in self._evses)),
            floor=total(base, *(self._floor(each, cars.get(each.id)) for each in self._evses)),
            base=base,
            most=lowest(self._circuit.limit, own or self._circuit.limit),
            flows=highest(reading.i) if reading is not None and fresh else measured,
            meter=meter.i if meter is not None and now - meter.t < self._policy.stale else None,
            release=max((self._release(each) for each in self._evses), default=0.0),
        )

    def _here(self, evse: str) -> bool:
        return evse in self._past

    def _wants(self, cars: dict[str, EvseSeen], decision: Decision, now: float) -> Iterable[Want]:
        for evse in self._evses:
            car = cars.get(evse.id)
            if car is None or not (car.online and car.plugged and car.session is not None) or car.faulted:
                self._turned.pop(evse.id, None)
                continue
            on = decision.setpoints.get(evse.id, 0.0) > 0
            if self._turned.get(evse.id, (not on, now))[0] is not on:
                self._turned[evse.id] = (on, now)
            least, most = _span(evse, car, decision)
            if 0 < least <= most:
                yield Want(
                    evse=evse.id,
                    phases=_used(evse, car),
                    least=least,
                    most=most,
                    step=evse.step,
                    priority=car.priority,
                    on=on,
                    age=round(now - self._turned[evse.id][1], 1),
                )

    def _upper(self, evse: Evse, car: EvseSeen | None, decision: Decision, now: float) -> Phases:
        """What may flow until it has followed."""
        past = self._past[evse.id]
        past.append((now, decision.setpoints.get(evse.id, evse.maximum)))
        while past[0][0] < now - self._policy.settling:
            past.popleft()
        flows = NOTHING if car is None or car.i is None else car.i
        if car is not None and not car.online:
            return highest(flows, _on(evse, max(evse.failsafe, past[-1][1])))
        if car is None or car.session is None or not car.plugged:
            return flows
        allowed = max(amps for _, amps in past)
        if evse.control is Control.ONOFF and allowed > 0:
            allowed = evse.least
        return highest(flows, _on(evse, allowed))

    def _lost(self, evse: Evse, car: EvseSeen | None, decision: Decision) -> Phases:
        """What it may draw that cannot be told."""
        if car is None or car.online:
            return NOTHING
        return _on(evse, max(evse.failsafe, decision.setpoints.get(evse.id, 0.0)))

    def _floor(self, evse: Evse, car: EvseSeen | None) -> Phases:
        """What it takes by itself before others have given it back."""
        if car is not None and not car.online:
            return NOTHING
        return _on(evse, evse.failsafe) if evse.failsafe_timeout < self._back else NOTHING

    def _release(self, evse: Evse) -> float:
        """One that never falls back counts with all of it in the fall-back of the box."""
        return 0.0 if isinf(evse.failsafe_timeout) else evse.failsafe_timeout + self._policy.settling


def _span(evse: Evse, car: EvseSeen, decision: Decision) -> tuple[float, float]:
    """The least that it gives, and the most that it takes."""
    most = evse.maximum if car.cap is None else min(evse.maximum, car.cap)
    if evse.control is Control.ONOFF:
        fixed = evse.least
        return fixed, fixed if most >= fixed else 0.0
    reason = decision.reasons.get(evse.id)
    if reason is not None and reason.cause is Cause.CAR and car.i is not None:
        most = min(most, max(evse.minimum, ceil(max(car.i)) + MORE))
    return evse.minimum, most


def _used(evse: Evse, car: EvseSeen) -> tuple[int, ...]:
    if car.i is None or max(car.i) < EVEN:
        return evse.phases
    return tuple(phase for phase in evse.phases if car.i[phase] > FLOWS) or evse.phases


def _on(evse: Evse, amps: float) -> Phases:
    first, second, third = (amps if phase in evse.phases else 0.0 for phase in range(3))
    return (first, second, third)
