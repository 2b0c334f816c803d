"""Which model a simulated station is: what its points hold before anybody writes, and which variant it proves. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, product
from typing import TYPE_CHECKING

from gateway.bench.family.candidates import candidates, leaves
from gateway.bench.family.quantities import BUILT, Measured, is_measured, quantity
from gateway.bench.family.raws import count_of, default, kind_of, measured, texted
from gateway.bench.family.reading import carried
from gateway.bench.family.siblings import siblings
from gateway.bench.family.verbs import Verb, triggers
from gateway.bench.family.view import PHASES
from gateway.family.evaluate import derived
from gateway.family.interpret import interpret, raw_of
from gateway.family.variants import matching
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.family.expression import Expression
    from gateway.family.family import AnyFamily, Probe
    from gateway.family.points import AnyPoint
    from gateway.family.value import Scalar, Value

TEXTS: Mapping[str, str] = {
    "serial": "10002000",
    "model": "BENCH",
    "product": "BENCH",
    "vendor": "BENCH",
    "firmware": "1.2.3",
    "protocol": "1.0",
}
_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What is particular to one simulated station.

    Attributes:
        raws: Raw values of points that nothing else decides.
        proofs: Raw values that prove the variants; they come before everything else.
        absent: Points that this variant does not have.
    """

    raws: Mapping[str, Value] = field(default_factory=dict)
    proofs: Mapping[str, Value] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()


def identity(base: AnyFamily, family: AnyFamily, chosen: frozenset[str]) -> Identity:
    """What a station of these variants holds.

    Args:
        base: The family without variants, by which a gateway probes.
        family: The family with the chosen ones.
        chosen: Their ids.

    Raises:
        GatewayError: ``variant-unreachable``: no values prove just these variants.
    """
    raws = {name: raw for name, raw in _recorded(family, chosen).items() if family.points[name].poll == "once"}
    for name, text in TEXTS.items():
        point = family.points.get(name)
        if point is not None and name not in raws and not point.map:
            raws[name] = texted(point, kind_of(family, point), text)
    raws |= _obeying(family, raws)
    raws |= _telling(family, raws)
    same = siblings(family)
    limits = {each: raw for name, raw in limit_raws(family).items() for each in same[name]}
    raws |= {each: raw for name, raw in tuple(raws.items()) for each in same[name] if each not in raws}
    raws = {name: raw for name, raw in raws.items() if name not in limits}
    built = {name: raw for name in base.points if (raw := _natural(base, family, name)) is not None}
    natural = {**raws, **built, **limits}
    probed, absent = _probed(base, chosen, natural, frozenset(limits))
    proofs = {name: raw for name, raw in probed.items() if natural.get(name) != raw}
    # Where the variant has a point somewhere else, only its old place is empty.
    lacking = frozenset(name for name in absent if family.points.get(name) == base.points[name])
    return Identity(raws=raws, proofs=proofs, absent=lacking)


def limit_raws(family: AnyFamily) -> dict[str, Value]:
    """What the points that carry the limit hold from the factory: the highest one."""
    limit = family.control.limit
    if limit is None:
        return {}
    found: dict[str, Value] = {}
    for each in triggers(family):
        value = carried(limit, each, limit.max, {}, PHASES) if each.verb is Verb.LIMIT and each.is_point else None
        if value is not None and not isinstance(value, tuple):
            found[each.target] = raw_of(family.points[each.target], value)
    return found


def _natural(base: AnyFamily, family: AnyFamily, name: str) -> Value:
    """What a point tells of itself, because it follows from what the station is built for."""
    limit = family.control.limit
    if limit is None or limit.unit != "A" or name not in BUILT:
        return None
    point = base.points[name]
    value = quantity(name, Measured(highest=limit.max, lowest=limit.min))
    return measured(point, kind_of(base, point), value) if isinstance(value, int | float) else None


def _recorded(family: AnyFamily, chosen: frozenset[str]) -> dict[str, Value]:
    """Values of real stations, out of the family's own records."""
    found: dict[str, Value] = {}
    for vector in family.vector:
        if vector.variant and vector.variant not in chosen:
            continue
        for name, value in vector.expect.items():
            point = family.points.get(name)
            if point is not None and isinstance(value, str | int | float):
                raw = _raw(family, point, value)
                if raw is not None:
                    found.setdefault(name, raw)
    return found


def _raw(family: AnyFamily, point: AnyPoint, value: Scalar) -> Scalar:
    """A value as a raw one, if it comes back as it was."""
    kind = kind_of(family, point)
    try:
        raw = texted(point, kind, value) if isinstance(value, str) and not point.map else raw_of(point, value)
    except (GatewayError, ValueError):
        return None
    if point.unit and isinstance(value, int | float):
        raw = measured(point, kind, value * (1000 if point.unit.startswith("k") else 1))
    return raw if interpret(point, raw) == value else None


def _obeying(family: AnyFamily, raws: Mapping[str, Value]) -> dict[str, Value]:
    """Raw values with which the conditions of ``[control]`` hold: the bench's station can be told what the family can."""
    control = family.control
    verbs = (
        control.enable,
        control.phases,
        control.start,
        control.stop,
        control.authorize,
        control.availability,
        control.lock,
        control.unlock,
        control.reset,
        control.wake_ev,
    )
    whens = [each.when for each in verbs if each is not None and each.when is not None]
    found: dict[str, Value] = {}
    for when in whens:
        found |= _true(family, when, {**raws, **found})
    return found


def _true(family: AnyFamily, when: Expression, raws: Mapping[str, Value]) -> dict[str, Value]:
    names = [name for name in sorted(when.names) if name in family.points]
    tries = [[raws[name]] if name in raws else list(_values(family, name, when.constants_of(name))) for name in names]
    for values in product(*tries):
        attempt = dict(zip(names, values, strict=True))
        shown = {name: interpret(family.points[name], raw) for name, raw in attempt.items()}
        if when.evaluate(shown) is True:
            return attempt
    return {}


def _telling(family: AnyFamily, raws: Mapping[str, Value]) -> dict[str, Value]:
    """Raw values with which measured values that the family derives are known: the bench's station has every sensor."""
    found: dict[str, Value] = {}
    for name in family.derive:
        if not is_measured(name):
            continue
        shown = leaves(family, [name])
        names = [each for each in shown if not is_measured(each) and each not in raws and each not in found]
        base = {each: _typical(family, each) for each in shown if each not in names} | {
            each: raw for each, raw in {**raws, **found}.items() if each in shown
        }
        for values in islice(product(*(candidates(family, each) for each in names)), _MOST):
            attempt = base | dict(zip(names, values, strict=True))
            known = {each: interpret(family.points[each], raw) for each, raw in attempt.items()}
            if derived(family, known).get(name) is not None:
                found |= dict(zip(names, values, strict=True))
                break
    return found


def _typical(family: AnyFamily, name: str) -> Value:
    """A measured value of a charge: 10 of whatever it is."""
    point = family.points[name]
    one = measured(point, kind_of(family, point), 10.0)
    return one if count_of(point) == 1 else (one,) * count_of(point)


def _values(family: AnyFamily, name: str, constants: tuple[Scalar, ...]) -> Iterator[Value]:
    point = family.points[name]
    kind = kind_of(family, point)
    yield default(point, kind)
    for constant in (*constants, 1):
        raw = _raw(family, point, constant)
        if raw is not None:
            yield raw
        if isinstance(constant, int) and not isinstance(constant, bool):
            yield from (constant, constant + 1)


def _probed(
    base: AnyFamily, chosen: frozenset[str], raws: Mapping[str, Value], settled: frozenset[str]
) -> tuple[dict[str, Value], frozenset[str]]:
    """Raw values, and absences, by which a probe finds just the chosen variants."""
    asking = [each for each in base.variant if _asks(each.probe)]
    names = sorted({each.probe.point for each in asking if each.probe.point in base.points})
    tries: list[list[Value]] = []
    for name in names:
        probes = [each.probe for each in asking if each.probe.point == name]
        first = [raws[name]] if name in raws else []
        # None: the station does not have the point.
        lacking = base.points[name].optional or any(probe.fails is not None for probe in probes)
        absent: list[Value] = [None] if lacking else []
        tries.append([*first, *([] if name in settled else _proving(base, name, probes)), *absent])
    wanted = tuple(each.id for each in asking if each.id in chosen)
    for values in islice(product(*tries), _MOST):
        raw = dict(zip(names, values, strict=True))
        failed = frozenset(name for name, value in raw.items() if value is None)
        shown = {name: interpret(base.points[name], value) for name, value in raw.items() if name not in failed}
        if matching(base, shown, failed) == wanted:
            compared = {each.probe.point for each in asking if each.probe.fails is None}
            return {name: value for name, value in raw.items() if value is not None and name in compared}, failed
    raise GatewayError("variant-unreachable", family=base.meta.id, variants=", ".join(wanted))


def _asks(probe: Probe) -> bool:
    """False where only the site file tells the variant."""
    return any(getattr(probe, key) is not None for key in ("eq", "lt", "le", "gt", "ge", "prefix", "fails"))


def _proving(base: AnyFamily, name: str, probes: list[Probe]) -> Iterator[Value]:
    """Raw values around what probes compare with."""
    point = base.points[name]
    kind = kind_of(base, point)
    yield default(point, kind)
    for probe in probes:
        for bound in (probe.eq, probe.lt, probe.le, probe.gt, probe.ge, probe.prefix):
            if bound is None:
                continue
            for near in _neighbours(bound):
                if isinstance(near, str) and not point.map:
                    yield texted(point, kind, near)
                else:
                    found = _raw(base, point, near)
                    if found is not None:
                        yield found
    yield from (() if kind == "text" else (1, 2))


def _neighbours(bound: Scalar) -> Iterator[Scalar]:
    yield bound
    if isinstance(bound, bool):
        yield not bound
    elif isinstance(bound, int | float):
        yield from (bound + 1, bound - 1)
    elif isinstance(bound, str):
        head, dot, tail = bound.rpartition(".")
        if tail.isdecimal():
            yield f"{head}{dot}{int(tail) + 1}"
            yield from (f"{head}{dot}{int(tail) - 1}",) if int(tail) else ()
        first, _, rest = bound.partition(".")
        if first.isdecimal():
            yield from (f"{int(first) + 1}.{rest}", f"{max(0, int(first) - 1)}.9")
        yield bound + "0"
