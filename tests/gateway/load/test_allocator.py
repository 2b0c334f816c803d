"""Current is shared as one would by hand."""

from __future__ import annotations

from dataclasses import replace

from gateway.load.allocator import Claim, Tree, allocate
from gateway.load.decision import Cause, Reason
from gateway.load.site import LoadSite, Node


def circuit(limit: float, *, name: str = "main", parent: str = "", imbalance: float | None = None) -> Node:
    return Node(id=name, parent=parent, limit=(limit, limit, limit), rated=limit, imbalance=imbalance)


def tree(*nodes: Node) -> Tree:
    return Tree(LoadSite(name="site", nodes=nodes, evses=()))


def car(
    evse: str,
    phases: tuple[int, ...] = (0, 1, 2),
    *,
    most: float = 32.0,
    least: float = 6.0,
    node: str = "main",
    priority: int = 0,
    weight: float = 1.0,
    rank: tuple[float, ...] = (),
) -> Claim:
    return Claim(
        evse=evse, node=node, phases=phases, least=least, most=most, step=1.0, priority=priority, weight=weight, rank=rank
    )  # fmt: skip


def currents(site: Tree, *claims: Claim, room: float | None = None, **drawn: tuple[float, float, float]) -> list[float]:
    found = allocate(site, {} if room is None else {"main": (room, room, room)}, claims, drawn)
    return [found[claim.evse].current for claim in claims]


def test_two_cars_share_and_what_is_left_goes_to_one() -> None:
    assert currents(tree(circuit(35)), car("a"), car("b")) == [18, 17]


def test_what_a_car_cannot_take_goes_to_the_others() -> None:
    assert currents(tree(circuit(63)), car("a", most=10), car("b"), car("c")) == [10, 27, 26]


def test_cars_on_other_phases_do_not_wait_for_each_other() -> None:
    assert currents(tree(circuit(16)), car("a", (0,)), car("b", (1,)), car("c", (0,))) == [8, 16, 8]


def test_a_full_feeder_leaves_the_rest_to_the_others() -> None:
    site = tree(circuit(50), circuit(16, name="left", parent="main"), circuit(63, name="right", parent="main"))
    shared = allocate(site, {}, [car("a", node="left"), car("b", node="left"), car("c", node="right")])
    assert [shared[each].current for each in "abc"] == [8, 8, 32]
    assert shared["a"].reason == Reason(cause=Cause.CIRCUIT, node="left", phase=0)
    assert shared["c"].reason == Reason(cause=Cause.CAR)


def test_not_all_can_have_the_minimum_and_the_first_in_rank_have_it() -> None:
    site = tree(circuit(15))
    claims = [car("a", rank=(2,)), car("b", rank=(0,)), car("c", rank=(1,))]
    shared = allocate(site, {}, claims)
    assert [shared[each].current for each in "abc"] == [0, 8, 7]
    assert shared["a"].reason == Reason(cause=Cause.WAITING, node="main", phase=0)


def test_who_does_not_fit_blocks_nobody_after_it() -> None:
    switched = car("a", least=20, most=20, rank=(0,))
    assert currents(tree(circuit(16)), switched, car("b", rank=(1,))) == [0, 16]


def test_a_switched_evse_has_all_or_nothing() -> None:
    assert currents(tree(circuit(30)), car("a", least=20, most=20), car("b")) == [20, 10]


def test_a_higher_priority_has_all_it_can_take_above_the_minimums() -> None:
    assert currents(tree(circuit(40)), car("a"), car("b", priority=1), car("c")) == [6, 28, 6]


def test_currents_are_as_the_weights() -> None:
    assert currents(tree(circuit(30)), car("a", weight=2.0), car("b")) == [20, 10]
    assert currents(tree(circuit(14)), car("a", weight=2.0), car("b")) == [8, 6]


def test_setpoints_are_whole_steps_but_the_least_and_the_most_are_allowed() -> None:
    assert currents(tree(circuit(15.5)), car("a", most=15.5)) == [15.5]
    assert currents(tree(circuit(15.5)), car("a")) == [15]
    assert currents(tree(circuit(7.5)), car("a", least=7.3)) == [7.3]
    assert currents(tree(circuit(8.5)), replace(car("a"), step=0.1)) == [8.5]


def test_no_room_and_less_than_none_are_the_same() -> None:
    site = tree(circuit(63))
    assert currents(site, car("a"), room=0.0) == currents(site, car("a"), room=-12.0) == [0]


def test_the_room_may_be_more_than_the_circuits_limit() -> None:
    assert currents(tree(circuit(10)), car("a"), room=20.0) == [20]


def test_one_phase_is_not_loaded_more_than_the_rule_over_the_others() -> None:
    site = tree(circuit(63, imbalance=20.0))
    shared = allocate(site, {}, [car("a", (0,))])
    assert shared["a"].current == 20
    assert shared["a"].reason == Reason(cause=Cause.IMBALANCE, node="main", phase=0)


def test_cars_on_all_phases_do_not_count_for_the_rule() -> None:
    assert currents(tree(circuit(63, imbalance=20.0)), car("a", (0,)), car("b")) == [20, 32]


def test_cars_on_other_phases_even_it_out() -> None:
    site = tree(circuit(63, imbalance=20.0))
    assert currents(site, car("a", (0,)), car("b", (1,)), car("c", (2,))) == [32, 32, 32]
    assert currents(site, car("a", (0,)), car("b", (1,)), car("c", (2,), most=10)) == [30, 30, 10]


def test_what_others_draw_counts_for_the_rule() -> None:
    site = tree(circuit(63, imbalance=20.0))
    assert currents(site, car("a", (0,)), main=(0.0, 16.0, 16.0)) == [32]
    assert currents(site, car("a", (0,)), main=(10.0, 0.0, 0.0)) == [10]


def test_where_others_break_the_rule_it_is_not_made_worse() -> None:
    site = tree(circuit(63, imbalance=20.0))
    assert currents(site, car("a", (0,)), car("b", (1,)), main=(30.0, 0.0, 0.0)) == [0, 20]


def test_a_car_that_evens_out_the_phases_lets_another_in() -> None:
    site = tree(circuit(63, imbalance=5.0))
    late = car("b", (1, 2), rank=(1,))
    assert currents(site, car("a", (0,), rank=(0,)), late, main=(0.0, 1.0, 1.0)) == [32, 32]


def test_no_claims_no_grants() -> None:
    assert allocate(tree(circuit(63)), {}, []) == {}


def test_phases_that_were_only_guessed_do_not_count_where_no_meter_would_show_it() -> None:
    blind = circuit(20, name="blind", parent="main")
    metered = Node(id="main", parent="", limit=(63.0, 63.0, 63.0), rated=63.0, metered=True)
    guessed = replace(car("a", (0,), node="blind", least=16.0, most=16.0), wires=(0, 1, 2))
    assert currents(tree(metered, blind), guessed, car("b", (1,), node="blind", rank=(1.0,))) == [16, 0]
    assert currents(tree(metered, blind), guessed, car("b", (1,), node="main", rank=(1.0,))) == [16, 32]
