"""What a family can honestly do, out of its file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bench.family.raws import count_of
from gateway.family.state import Letter

if TYPE_CHECKING:
    from gateway.family.family import AnyFamily

FAULTY = {Letter.E, Letter.F}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """What can be expected of a station.

    Attributes:
        limits: It takes a limit.
        holds: It can be kept from charging.
        plugs: It tells whether a vehicle is there.
        reads_cards: It has a card reader that the box can read.
        early: A card is only noticed when the plug comes after it.
        measures: It tells energy, power or current.
        single: It tells the current of one phase, and no power.
        counts: It has a register, so that its meter may run faster than time.
        totals: That register is one over all sessions.
        faults: It tells that it is faulty.
        secures: An orderly end of the box changes something.
    """

    limits: bool
    holds: bool
    plugs: bool
    reads_cards: bool
    early: bool
    measures: bool
    single: bool
    counts: bool
    totals: bool
    faults: bool
    secures: bool

    @classmethod
    def of(cls, family: AnyFamily) -> Ability:
        """What the file says."""
        control, told = family.control, {*family.points, *family.derive}
        letters = _letters(family)
        start_and_stop = control.start is not None and control.stop is not None
        rfid, current = family.points.get("rfid"), family.points.get("current")
        return cls(
            limits=control.limit is not None,
            holds=control.limit is not None or control.enable is not None or start_and_stop,
            plugs=any(letter.plugged for letter in letters),
            reads_cards=rfid is not None,
            early=rfid is not None and rfid.poll == "event",
            measures=bool(told & {"energy_total", "energy_session", "power", "power_phase", "current"}),
            single=current is not None and count_of(current) == 1 and not told & {"power", "power_phase"},
            counts=bool(told & {"energy_total", "energy_session"}),
            totals="energy_total" in family.points,
            faults=bool(letters & FAULTY),
            secures=control.limit is not None or family.safe is not None,
        )


def _letters(family: AnyFamily) -> set[Letter]:
    state = family.state
    if state is None:
        return set()
    return {Letter(each) for each in state.map.values()} | {rule.state for rule in (*state.override, *state.rules)}
