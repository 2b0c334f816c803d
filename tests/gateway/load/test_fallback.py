"""What flows without the box, by a rule and by adding it up."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from gateway.load.fallback import overloads, tilts
from gateway.load.power import as_current, left_by_14a
from gateway.load.site import Evse, LoadSite, Node

AMPS = st.integers(0, 80).map(float)
WIRING = st.sampled_from([(0,), (1,), (2,), (0, 1, 2), (1, 2, 0), (2, 0)])


@st.composite
def sites(draw: st.DrawFn) -> tuple[LoadSite, dict[str, float]]:
    count = draw(st.integers(1, 6))
    nodes = []
    for number in range(count):
        limit = draw(AMPS)
        nodes.append(
            Node(
                id=str(number),
                parent=str(draw(st.integers(0, number - 1))) if number else "",
                limit=(limit, limit, limit),
                rated=limit + draw(st.sampled_from([0.0, 10.0])),
                base_failsafe=draw(st.tuples(AMPS, AMPS, AMPS)),
            )
        )
    evses = tuple(
        Evse(id=f"e{number}", node=str(draw(st.integers(0, count - 1))), maximum=32.0, phases=draw(WIRING))
        for number in range(draw(st.integers(0, 12)))
    )
    falls = {each.id: draw(st.sampled_from([0.0, 6.0, 8.0, 32.0])) for each in evses}
    return LoadSite(name="", nodes=tuple(nodes), evses=evses), falls


@given(sites())
def test_it_is_overloaded_where_what_can_flow_is_more_than_may(case: tuple[LoadSite, dict[str, float]]) -> None:
    site, falls = case
    told = {(each.node, each.phase): each for each in overloads(site, falls)}
    for node in site.nodes:
        for phase in range(3):
            flows = node.base_failsafe[phase]
            for evse in site.evses:
                if node.id in site.path(evse.node) and phase in evse.phases:
                    flows += falls[evse.id]
            assert ((node.id, phase) in told) is (flows > node.limit[phase])
            if flows > node.limit[phase]:
                found = told[node.id, phase]
                assert found.total == flows
                assert found.trips is (flows > node.rated)
                assert found.base + sum(found.falls.values()) == flows


@given(sites())
def test_a_lower_fall_back_never_makes_it_worse(case: tuple[LoadSite, dict[str, float]]) -> None:
    site, falls = case
    before = {(each.node, each.phase) for each in overloads(site, falls)}
    after = {(each.node, each.phase) for each in overloads(site, {each: amps / 2 for each, amps in falls.items()})}
    assert after <= before


def test_section_14a_leaves_by_number() -> None:
    assert left_by_14a(0) == 0
    assert left_by_14a(1) == 4200
    assert left_by_14a(2) == 4200 + 0.8 * 4200
    assert left_by_14a(9) == 4200 + 8 * 0.45 * 4200
    assert left_by_14a(20) == 4200 + 19 * 0.45 * 4200


@given(st.floats(0, 1e5), st.sets(st.integers(0, 2)), st.integers(200, 250))
def test_a_current_never_comes_to_more_than_the_power(watts: float, phases: set[int], voltage: int) -> None:
    amps = as_current(watts, phases, voltage)
    assert sum(amps[each] for each in phases or {0, 1, 2}) * voltage <= watts + 1e-6


@given(sites(), st.integers(1, 40).map(float))
def test_phases_are_uneven_where_some_choice_of_cars_makes_them_so(
    case: tuple[LoadSite, dict[str, float]], rule: float
) -> None:
    """The cars that do most for a pair of phases, looked for among all that can be at each EVSE."""
    plain, falls = case
    site = replace(plain, nodes=tuple(replace(each, imbalance=rule) for each in plain.nodes))
    told = {each.node: each for each in tilts(site, falls)}
    for node in site.nodes:
        there = [each for each in site.evses if node.id in site.path(each.node)]
        worst = wired = 0.0
        for high, low in permutations(range(3), 2):
            best = {evse.id: 0.0 for evse in there}
            whole = 0.0
            for evse in there:
                for used in range(1, len(evse.phases) + 1):
                    loads = evse.phases[:used]
                    best[evse.id] = max(best[evse.id], falls[evse.id] * ((high in loads) - (low in loads)))
                whole += max(0.0, falls[evse.id] * ((high in evse.phases) - (low in evse.phases)))
            worst, wired = max(worst, sum(best.values())), max(wired, whole)
        assert (node.id in told) is (worst > rule)
        if node.id in told:
            assert told[node.id].wired is (wired > rule)
            assert told[node.id].amps == (wired if wired > rule else worst) == sum(told[node.id].falls.values())


def test_three_phases_in_rotation_are_even_enough() -> None:
    def site(*wiring: tuple[int, ...]) -> LoadSite:
        root = Node(id="house", parent="", limit=(63.0,) * 3, rated=63.0, imbalance=16.0)
        evses = (Evse(id=f"e{n}", node="house", maximum=32.0, phases=each) for n, each in enumerate(wiring))
        return LoadSite(name="", nodes=(root,), evses=tuple(evses))

    straight, falls = (0, 1, 2), {f"e{n}": 6.0 for n in range(3)}
    (found,) = tilts(site(straight, straight, straight), falls)
    assert (found.high, found.low, found.amps, found.wired) == (0, 1, 18.0, False)
    assert not tilts(site(straight, (1, 2, 0), (2, 0, 1)), falls)
    (found,) = tilts(site((2,), (2,), (2,)), falls)
    assert (found.high, found.amps, found.wired) == (2, 18.0, True)
