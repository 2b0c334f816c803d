"""What holds of every sharing of current."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from gateway.load.decision import Cause
from tests.gateway.load.allocation import NEAR, Case, cases, claims, further, nodes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.allocator import Claim


def below(claim: Claim, currents: Mapping[str, float], case: Case) -> dict[str, float]:
    """Currents with all of a lower priority at their minimum."""
    return {
        each.evse: min(currents[each.evse], each.least) if each.priority < claim.priority else currents[each.evse]
        for each in case.claims
    }


@given(case=cases())
def test_no_limit_is_ever_broken(case: Case) -> None:
    assert case.broken(case.currents()) == []


@given(case=cases())
def test_each_has_nothing_or_a_setpoint_between_its_least_and_its_most(case: Case) -> None:
    currents = case.currents()
    assert set(currents) == {claim.evse for claim in case.claims}
    for claim in case.claims:
        current = currents[claim.evse]
        steps = current / claim.step
        assert current in {0, claim.least, claim.most} or (
            claim.least < current < claim.most and abs(steps - round(steps)) < 1e-6
        )


@given(case=cases())
def test_nobody_could_have_one_setpoint_more(case: Case) -> None:
    currents = case.currents()
    for claim in case.claims:
        more = further(claim, currents[claim.evse])
        assert more is None or case.broken({**currents, claim.evse: more})


@given(case=cases(uneven=False))
def test_nobody_could_have_more_of_what_a_lower_priority_has_above_its_minimum(case: Case) -> None:
    currents = case.currents()
    for claim in case.claims:
        more = further(claim, currents[claim.evse])
        if currents[claim.evse] > 0 and more is not None:
            assert case.broken({**below(claim, currents, case), claim.evse: more})


@given(case=cases(uneven=False))
def test_who_waits_does_so_for_those_before_it(case: Case) -> None:
    currents = case.currents()
    for claim in case.claims:
        if currents[claim.evse] == 0 < claim.least:
            before = {
                each.evse: each.least if currents[each.evse] > 0 and (each.rank, each.evse) < (claim.rank, claim.evse) else 0.0
                for each in case.claims
            }  # fmt: skip
            assert case.broken({**before, claim.evse: claim.least})


@given(case=cases(), data=st.data())
def test_the_order_of_claims_says_nothing(case: Case, data: st.DataObject) -> None:
    other = replace(case, claims=tuple(data.draw(st.permutations(case.claims))))
    assert other.share() == case.share()


@given(case=cases(uneven=False))
def test_a_circuit_with_room_to_spare_decides_nothing(case: Case) -> None:
    currents = case.currents()
    loads = case.loads(currents)
    spare = max((max(claim.step, claim.least, claim.most - claim.least) for claim in case.claims), default=0) + NEAR

    def relieved(node: str, phase: int, room: float) -> float:
        return 1000.0 if room - loads[node][phase] / 1e6 > spare else room

    rooms = {node.id: case.room.get(node.id, node.limit) for node in case.nodes}
    room = {
        name: (relieved(name, 0, each[0]), relieved(name, 1, each[1]), relieved(name, 2, each[2]))
        for name, each in rooms.items()
    }
    assert replace(case, room=room).currents() == currents


@given(case=cases(uneven=False))
def test_all_have_all_where_all_of_it_fits(case: Case) -> None:
    room = {node.id: (500.0, 500.0, 500.0) for node in case.nodes}
    shared = replace(case, room=room).share()
    assert {evse: grant.current for evse, grant in shared.items()} == {each.evse: each.most for each in case.claims}
    assert {grant.reason.cause for grant in shared.values()} <= {Cause.CAR}


@given(data=st.data(), room=st.integers(60, 200), more=st.integers(1, 40))
def test_more_room_in_a_single_circuit_lowers_nobody(data: st.DataObject, room: int, more: int) -> None:
    circuit = data.draw(nodes(st.none()).filter(lambda each: len(each) == 1))
    wanted = tuple(
        replace(each, phases=(0,), weight=1.0, priority=0, step=1.0)
        for each in data.draw(claims(circuit, most=7, whole=True))
    )
    less = Case(nodes=circuit, claims=wanted, room={"n0": (room, 0.0, 0.0)})
    much = replace(less, room={"n0": (room + more / 2, 0.0, 0.0)})
    after = much.currents()
    assert all(after[evse] >= current for evse, current in less.currents().items())


@given(case=cases())
def test_who_has_less_than_its_most_is_told_a_limit_that_it_meets(case: Case) -> None:
    site = case.site
    for claim in case.claims:
        grant = case.share()[claim.evse]
        reason = grant.reason
        if grant.current == claim.most:
            assert reason.cause is Cause.CAR
            continue
        assert reason.node in site.path(claim.node)
        assert reason.phase in claim.phases
        assert reason.cause in {Cause.CIRCUIT, Cause.IMBALANCE, Cause.WAITING}
        if reason.cause is Cause.CIRCUIT:
            assert grant.current > 0 or claim.least == 0
        if reason.cause is Cause.WAITING:
            assert grant.current == 0
