"""Which EVSEs reservations need: against every way to give them out."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.rules.holding import claims, fits, free, needed, served, targets, with_reserved
from gateway.model.station import Capability, Reservation, StationState
from gateway.model.tokens import Token
from tests.fakes.clock import START

EVSES = (1, 2, 3, 4)
LATER = START + timedelta(hours=1)
wishes = st.lists(st.frozensets(st.sampled_from(EVSES), min_size=1), max_size=4)
sets = st.frozensets(st.sampled_from(EVSES))


def state(statuses: dict[int, ConnectorStatus], *reservations: Reservation) -> StationState:
    connectors = tuple(ConnectorState(evse=e, connector=1, reported=s, at=START) for e, s in statuses.items())
    able = frozenset({Capability.BOX_SESSIONS})
    return StationState(id="S", capabilities=able, reachable=True, connectors=connectors, reservations=reservations)


def reservation(id_: int, evse: int = 0, among: tuple[int, ...] = (), minutes: float = 60) -> Reservation:
    token = Token(value=f"T{id_}")
    expires_at = START + timedelta(minutes=minutes)
    return Reservation(id=id_, evse=evse, token=token, group=None, expires_at=expires_at, among=among)


def best(wanted: list[frozenset[int]], evses: frozenset[int]) -> int:
    """As ``served``, by trying everything; 0 stands for going without."""
    hands = [*evses, *[0] * len(wanted)]
    ways = permutations(hands, len(wanted))
    return max(sum(evse in wish for evse, wish in zip(way, wanted, strict=True)) for way in ways)


@given(wishes, sets)
def test_as_many_as_possible_are_served(wanted: list[frozenset[int]], evses: frozenset[int]) -> None:
    assert served(wanted, evses) == best(wanted, evses)


@given(st.lists(st.tuples(st.integers(0, 4), st.lists(st.sampled_from(EVSES), unique=True)), max_size=4), sets)
def test_what_is_given_to_others_leaves_every_reservation_its_evse(
    made: list[tuple[int, list[int]]], taken: frozenset[int]
) -> None:
    """However many strangers come, none of them takes what a reservation needs."""
    statuses = dict.fromkeys(EVSES, ConnectorStatus.AVAILABLE) | dict.fromkeys(taken, ConnectorStatus.OCCUPIED)
    now = state(statuses)
    for id_, (evse, among) in enumerate(made):
        wanted = reservation(id_, evse, tuple(among))
        if fits(now, wanted):
            now = state(statuses, *now.reservations, wanted)
    for evse in EVSES:
        if evse in free(now) and not claims(now, evse, START)[0]:
            statuses[evse] = ConnectorStatus.OCCUPIED
            now = state(statuses, *now.reservations)
    wanted_by_all = [targets(now, each) for each in now.reservations]
    assert served(wanted_by_all, free(now)) == len(now.reservations)


def test_one_of_two_is_kept_only_once_the_other_is_taken() -> None:
    both = {1: ConnectorStatus.AVAILABLE, 2: ConnectorStatus.AVAILABLE}
    any_of_them = reservation(7)
    assert [c.reported for c in with_reserved(state(both, any_of_them), START).connectors] == [*both.values()]
    one = state({1: ConnectorStatus.OCCUPIED, 2: ConnectorStatus.AVAILABLE}, any_of_them)
    assert [c.reported.value for c in with_reserved(one, START).connectors] == ["Occupied", "Reserved"]
    assert claims(one, 2, START) == (True, (any_of_them,))
    assert not claims(one, 1, START)[0], "whose cable is in already may charge: the other one is kept"


def test_where_a_cable_is_in_everywhere_only_the_reservation_is_left() -> None:
    full = state({1: ConnectorStatus.OCCUPIED}, reservation(7))
    assert needed(full, 1, full.reservations)


def test_a_reservation_of_any_does_not_take_one_that_is_named_by_another() -> None:
    named, any_of_them = reservation(7, evse=1), reservation(8)
    now = state({1: ConnectorStatus.RESERVED, 2: ConnectorStatus.RESERVED}, named, any_of_them)
    assert claims(now, 1, START) == (True, (named,))
    assert claims(now, 2, START) == (True, (any_of_them,))


def test_time_ends_a_claim() -> None:
    now = state({1: ConnectorStatus.RESERVED}, reservation(7, evse=1, minutes=60))
    assert claims(now, 1, LATER - timedelta(seconds=1))[0]
    assert claims(now, 1, LATER) == (False, ())


def test_an_evse_whose_driver_has_yet_to_plug_in_is_none_that_is_left() -> None:
    both = state({1: ConnectorStatus.AVAILABLE, 2: ConnectorStatus.AVAILABLE}, reservation(7))
    assert not claims(both, 2, START)[0]
    assert claims(both, 2, START, frozenset({1}))[0]
    assert fits(both, reservation(8))
    assert not fits(both, reservation(8), frozenset({1}))
