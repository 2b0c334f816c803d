"""What a write means to a station: the steps of the family's ``[control]``, read backwards. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gateway.family.control import LimitControl, Step
    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily

VARIABLES = frozenset({"value", "amps", "phases", "token", "connector"})
"""What steps know besides points."""

SETTING = frozenset({"value", "amps"})


class Verb(StrEnum):
    """What a step does."""

    LIMIT = "limit"
    PAUSE = "pause"
    RESUME = "resume"
    ENABLE = "enable"
    DISABLE = "disable"
    START = "start"
    STOP = "stop"
    TOGGLE = "toggle"
    AUTHORIZE = "authorize"
    UNLOCK = "unlock"
    IN_SERVICE = "in service"
    OUT_OF_SERVICE = "out of service"
    ONE_PHASE = "one phase"
    THREE_PHASES = "three phases"
    RESET = "reset"
    WAKE_EV = "wake ev"
    FEED = "feed"


RELEASE = frozenset({Verb.ENABLE, Verb.DISABLE, Verb.START, Verb.STOP, Verb.TOGGLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A write that means something.

    Attributes:
        verb: What it means.
        target: The point, or the command.
        is_point: Which of both.
        args: What has to be given; ``value`` for a point.
    """

    verb: Verb
    target: str
    is_point: bool
    args: Mapping[str, Expression] = field(hash=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two writes the same."""
        return (self.target, self.is_point, *sorted((name, each.text) for name, each in self.args.items()))

    @property
    def place(self) -> tuple[str, bool]:
        """Where it is written to."""
        return self.target, self.is_point

    @property
    def setting(self) -> bool:
        """True where it carries the limit itself."""
        return any(each.names & SETTING for each in self.args.values())


def triggers(family: AnyFamily) -> tuple[Trigger, ...]:
    """Every write of the family that changes what the station does; the exact ones before those with a variable."""
    control = family.control
    found: list[Trigger] = []
    if control.limit is not None:
        found += _limit(control.limit)
    carriers = {each.place for each in found if each.verb is Verb.LIMIT and each.is_point}
    if control.enable is not None and not _never(control.enable.when):
        found += _pair(control.enable.on, control.enable.off, (Verb.ENABLE, Verb.DISABLE), carriers)
    start = control.start.seq if control.start is not None else ()
    stop = control.stop.seq if control.stop is not None else ()
    found += _pair(start, stop, (Verb.START, Verb.STOP), carriers, toggle=True)
    if control.availability is not None:
        verbs = (Verb.IN_SERVICE, Verb.OUT_OF_SERVICE)
        found += _pair(control.availability.on, control.availability.off, verbs, carriers)
    if control.phases is not None:
        found += _pair(control.phases.one, control.phases.three, (Verb.ONE_PHASE, Verb.THREE_PHASES), carriers)
    for verb, sequence in (
        (Verb.AUTHORIZE, control.authorize),
        (Verb.UNLOCK, control.unlock),
        (Verb.RESET, control.reset),
        (Verb.WAKE_EV, control.wake_ev),
    ):
        if sequence is not None:
            found += list(_writes(sequence.seq, verb))[-1:]
    found += _writes(family.watchdog.seq, Verb.FEED)
    return tuple(sorted(found, key=lambda each: each.setting))


def _never(condition: Expression | None) -> bool:
    """True where a variant has taken a verb away."""
    return condition is not None and not condition.names and condition.evaluate({}) is not True


def _writes(steps: Iterable[Step], verb: Verb) -> Iterator[Trigger]:
    for step in steps:
        if step.point:
            args = {} if step.value is None else {"value": step.value}
            yield Trigger(verb=verb, target=step.point, is_point=True, args=args)
        elif step.send:
            yield Trigger(verb=verb, target=step.send, is_point=False, args=step.args)


def _limit(limit: LimitControl) -> Iterator[Trigger]:
    writes = list(_writes(limit.write, Verb.LIMIT))
    carriers = [each for each in writes if each.setting]
    pauses = [] if isinstance(limit.pause, str) else list(_writes(limit.pause, Verb.PAUSE))
    fixed = {each.key for each in writes if not each.setting}
    own = [each for each in pauses if each.key not in fixed and not each.setting]
    yield from carriers
    yield from own[-1:]
    places = {each.place for each in own[-1:]}
    for each in writes:
        if not each.setting and each.place in places:
            yield Trigger(verb=Verb.RESUME, target=each.target, is_point=each.is_point, args=each.args)


def _pair(
    one: Iterable[Step],
    other: Iterable[Step],
    verbs: tuple[Verb, Verb],
    carriers: set[tuple[str, bool]],
    *,
    toggle: bool = False,
) -> list[Trigger]:
    """The step of each direction that tells it from the other, the limit's own aside."""
    first, second = list(_writes(one, verbs[0])), list(_writes(other, verbs[1]))
    found = _telling(first, second, carriers) + _telling(second, first, carriers)
    if toggle and first and second and not found and first[-1].key == second[-1].key:
        # As a card at the reader: the same write starts and stops.
        return list(_writes(one, Verb.TOGGLE))[-1:]
    return found


def _telling(mine: list[Trigger], others: list[Trigger], carriers: set[tuple[str, bool]]) -> list[Trigger]:
    keys = {each.key for each in others}
    own = [each for each in mine if each.key not in keys and each.place not in carriers and not each.setting]
    return own[-1:]
