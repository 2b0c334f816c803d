"""Which limit binds an EVSE: the lowest of all that have a say, and its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.charging import Purpose
from gateway.model.limits.foreign import amps
from gateway.model.limits.outlook import tenths
from gateway.model.limits.reason import LimitName, LimitReason
from gateway.model.limits.wiring import operator_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.limits.outlook import Outlook, Shown
    from gateway.model.station import HeldLimit

LOAD = "load"
"""The holder of the limits that load management sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The limit that binds: A per phase (None: nobody knows one), why, and who holds it ("" if it is nobody's own)."""

    current: float | None
    reason: LimitReason
    holder: str = ""

    @property
    def limited(self) -> bool:
        """True where it is less than the EVSE is built for."""
        return self.reason.code not in {LimitName.NOTHING, LimitName.BUILT}


NOTHING = Binding(current=None, reason=LimitReason(code=LimitName.NOTHING))


def binding(outlook: Outlook, evse: int, allowed: float | None) -> Binding:
    """What keeps an EVSE from more now.

    Args:
        outlook: All that decides.
        evse: Which.
        allowed: What the EVSE may draw, as ``Outlook.limits`` has it: less than its own limits where the station's is
            shared.
    """
    own = [*_fixed(outlook, evse), *_held(outlook, evse), *_profiles(outlook, evse)]
    lowest = _lowest(own)
    if allowed is None or (lowest.current is not None and lowest.current <= allowed):
        return lowest
    shared = _lowest([*_held(outlook, 0), *_station_max(outlook)])
    return Binding(current=allowed, reason=shared.reason, holder=shared.holder)


def by_backend(outlook: Outlook, evse: int) -> tuple[Binding, ...]:
    """What each charging profile of the backend that counts at an EVSE now leaves it by itself."""
    return tuple(_profiles(outlook, evse))


def reason_of(held: HeldLimit) -> LimitReason:
    """Why somebody holds a limit; by who it is, where nothing was said."""
    if held.reason is not None:
        return held.reason
    if held.holder == LOAD:
        return LimitReason(code=LimitName.LOAD)
    return LimitReason.of(LimitName.OTHER, holder=held.holder)


def _lowest(found: list[Binding]) -> Binding:
    """The lowest; of equal ones the first."""
    return min(found, key=lambda each: each.current or 0.0, default=NOTHING)


def _held(outlook: Outlook, evse: int) -> Iterator[Binding]:
    for held in sorted(outlook.state.limits, key=lambda each: (each.evse != evse, each.holder)):
        current = amps(held, outlook.now) if held.evse in {0, evse} else None
        if current is not None:
            yield Binding(current=tenths(current), reason=reason_of(held), holder=held.holder)


def _profiles(outlook: Outlook, evse: int) -> Iterator[Binding]:
    """A TxProfile hides every TxDefaultProfile (K01.FR.17)."""
    for group in ((Purpose.TX, Purpose.TX_DEFAULT), (Purpose.STATION_MAX,)):
        found = next((each for purpose in group if (each := outlook.by_purpose(evse, purpose)) is not None), None)
        if found is not None:
            yield _profile(found)


def _station_max(outlook: Outlook) -> Iterator[Binding]:
    found = outlook.station_max()
    if found is not None:
        yield _profile(found)


def _profile(found: Shown) -> Binding:
    profile = found.profile
    reason = LimitReason.of(profile.purpose.value, profile=profile.id, level=profile.stack_level)
    return Binding(current=tenths(found.limit), reason=reason)


def _fixed(outlook: Outlook, evse: int) -> Iterator[Binding]:
    operator, built = operator_limits(outlook.device, (evse,)).get(evse), outlook.wiring(evse).current
    if operator is not None and (built is None or operator < built):
        yield Binding(current=operator, reason=LimitReason(code=LimitName.OPERATOR))
    if built is not None:
        yield Binding(current=built, reason=LimitReason(code=LimitName.BUILT))
