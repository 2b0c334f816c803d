"""Why EVSEs have what they have: every limit that has a say, the lowest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.model.limits.binding import LOAD, NOTHING, reason_of
from gateway.model.limits.foreign import amps
from gateway.model.limits.reason import LimitName, LimitReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.load.history import CircuitNow
    from gateway.load.ports import Box, Limits
    from gateway.load.service import LoadService
    from gateway.load.site import Evse

_HAIR = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A limit in A per phase, its name and values (``LimitReason``).

    ``load`` and ``limit``: of a circuit on its fullest phase, in A; None where nothing shows it, or it is no circuit.
    """

    amps: float
    code: str
    values: dict[str, str] = field(default_factory=dict)
    load: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An EVSE: A per phase that it may draw, why that is not more, and every limit, the lowest first."""

    evse: str
    amps: float
    code: str
    values: dict[str, str]
    limits: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the box answers: the code of what is wrong ("" for nothing) and its values, or EVSEs."""

    error: str = ""
    params: dict[str, str] = field(default_factory=dict)
    evses: tuple[Explained, ...] = ()


def explain(service: LoadService, box: Box, limits: Limits, wanted: str) -> Explanation:
    """Explain one EVSE, or ("") all that share current.

    Args:
        service: Load management.
        box: The hub.
        limits: What others allow.
        wanted: An EVSE as STATION/EVSE, a station, or "".

    Raises:
        GatewayError: ``load-unknown-evse``: none of these is on a circuit.
    """
    evses = service.built.site.evses
    found = [each for each in evses if wanted in {"", each.id, each.id.rpartition("/")[0]}]
    if not found:
        raise GatewayError("load-unknown-evse", value=wanted or "-", known=", ".join(each.id for each in evses) or "-")
    circuits = {each.id: each for each in service.history.circuits()}
    return Explanation(
        evses=tuple(_explained(service, box, limits, each, circuits) for each in found),
    )


def _explained(
    service: LoadService, box: Box, limits: Limits, evse: Evse, circuits: dict[str, CircuitNow]
) -> Explained:
    station, number = service.built.spots[evse.id]
    reason = service.reason(station, number) or LimitReason(code=LimitName.FAILSAFE)
    standing = service.standing(evse.id)
    said = [
        *_circuits(service, evse, circuits, standing),
        *_others(box, limits, station, number),
        Said(amps=evse.maximum, code=LimitName.BUILT),
    ]
    if reason.code in {LimitName.FAILSAFE, LimitName.WAITING, LimitName.IMBALANCE, LimitName.SETTLING, LimitName.LOAD}:
        said.append(Said(amps=standing, code=reason.code, values=dict(reason.values)))
    said.sort(key=lambda each: each.amps)
    return Explained(evse=evse.id, amps=standing, code=reason.code, values=dict(reason.values), limits=tuple(said))


def _circuits(service: LoadService, evse: Evse, circuits: dict[str, CircuitNow], standing: float) -> Iterator[Said]:
    """What each circuit above would leave the EVSE, if nothing else changed: on the phase with the least."""
    for node in service.built.site.path(evse.node):
        now = circuits.get(node)
        if now is None or now.load is None:
            continue
        load = now.load
        phase = min(evse.phases, key=lambda each: now.limit[each] - load[each])
        room = max(0.0, now.limit[phase] - load[phase] + standing)
        yield Said(
            amps=round(min(room, now.limit[phase]), 1),
            code=LimitName.CIRCUIT,
            values={"node": node, "phase": f"L{phase + 1}"},
            load=round(load[phase], 1),
            limit=round(now.limit[phase], 1),
        )


def _others(box: Box, limits: Limits, station: str, evse: int) -> Iterator[Said]:
    """Limits of others, the backend's charging profiles among them; of what a station shares each EVSE has less."""
    lowest = float("inf")
    for held in box.station(station).limits:
        current = amps(held, box.now()) if held.holder != LOAD and held.evse in {0, evse} else None
        if current is not None:
            reason, lowest = reason_of(held), min(lowest, current)
            yield Said(amps=current, code=reason.code, values=dict(reason.values))
    *profiles, bound = limits.foreign(station, evse) or (NOTHING,)
    found = [(each.current, each.reason) for each in profiles if each.current is not None]
    yield from (Said(amps=amperes, code=reason.code, values=dict(reason.values)) for amperes, reason in found)
    lowest = min((lowest, *(amperes for amperes, _ in found)))
    if bound.limited and bound.current is not None and bound.current < lowest - _HAIR:
        yield Said(amps=bound.current, code=bound.reason.code, values=dict(bound.reason.values))
