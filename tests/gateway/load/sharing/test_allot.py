"""How current is shared among boxes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.load.sharing.allot import allot
from gateway.load.sharing.messages import Need, Want
from gateway.load.sharing.rules import less, total
from gateway.load.site import Phases  # noqa: TC001 read by hypothesis

ROTATION = 900.0
SIDES = ("east", "north", "west")


def even(amps: float) -> Phases:
    """The same on each phase."""
    return (amps, amps, amps)


def need(cars: int, floor: float = 0.0, base: float = 0.0, most: float = 48.0) -> Need:
    """Of a box with so many cars of 6 A to 16 A."""
    wants = tuple(
        Want(evse=str(each), phases=(0, 1, 2), least=6.0, most=16.0, step=0.1, on=True) for each in range(cars)
    )
    return Need(wants=wants, floor=even(floor), base=even(base), most=even(most))


def test_cars_share_alike_wherever_they_are() -> None:
    found = allot({"east": need(3), "north": need(1), "west": need(0)}, even(40), ROTATION)
    assert found == {"east": even(30), "north": even(10), "west": even(0)}


def test_what_a_box_cannot_do_without_is_there_for_its_own_cars_first() -> None:
    needs = {"east": need(3, floor=12), "north": need(1), "west": need(0, floor=12)}
    assert allot(needs, even(40), ROTATION) == {"east": even(21), "north": even(7), "west": even(12)}
    needs = {"east": need(1, floor=12), "north": need(3), "west": need(0)}
    assert allot(needs, even(30), ROTATION) == {"east": even(12), "north": even(18), "west": even(0)}


def test_other_loads_of_a_box_are_not_for_its_cars() -> None:
    needs = {"east": need(1, floor=10, base=10), "north": need(1)}
    assert allot(needs, even(30), ROTATION) == {"east": even(20), "north": even(10)}


AMPS = st.integers(0, 30).map(float)
NEEDS = st.builds(
    lambda made, rest, back: replace(made, base=rest, floor=total(rest, back)),
    st.builds(need, st.integers(0, 4), most=st.integers(6, 63).map(float)),
    st.tuples(AMPS, AMPS, AMPS),
    st.tuples(AMPS, AMPS, AMPS),
)


@given(needs=st.fixed_dictionaries(dict.fromkeys(SIDES, NEEDS)), room=st.tuples(AMPS, AMPS, AMPS))
def test_no_box_has_less_than_it_cannot_do_without_and_all_fit(needs: dict[str, Need], room: Phases) -> None:
    floors = total(*(each.floor for each in needs.values()))
    room = total(room, floors)
    found = allot(needs, room, ROTATION)
    assert all(min(less(found[box], each.floor)) >= 0 for box, each in needs.items())
    assert min(less(room, total(*found.values()))) >= -1e-6
