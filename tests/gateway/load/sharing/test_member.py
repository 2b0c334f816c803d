"""Boxes share a connection, and never use more than it carries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.load.sharing.member import Member, Role
from gateway.load.sharing.messages import Need, Report
from tests.gateway.load.sharing.network import BOXES, Network, cars, rules, seeded


def network() -> Network:
    """Boxes that have just started, at a broker that knows nothing."""
    found = Network(seeded(1))
    for name in BOXES:
        found.start(name)
    return found


def first(net: Network) -> dict[str, float]:
    """A on L1 of each box."""
    return {name: limit[0] for name, limit in net.limits().items()}


def roles(net: Network) -> list[str]:
    return sorted(box.member.role(box.now(net.t)) for box in net.boxes.values() if box.member is not None)


def test_one_leads_and_who_needs_more_gets_what_others_do_not() -> None:
    net = network()
    net.boxes["east"].need, net.boxes["north"].need, net.boxes["west"].need = cars(3, 32), cars(1, 6), cars(0)
    net.run(15)
    assert roles(net) == [Role.FOLLOWS, Role.FOLLOWS, Role.LEADS]
    assert first(net)["east"] >= 40
    assert first(net)["north"] >= 6
    net.boxes["west"].need = cars(3, 32)
    net.run(15)
    assert abs(first(net)["east"] - first(net)["west"]) <= 3, "fair among cars"
    assert first(net)["north"] >= 6


def test_without_the_broker_each_falls_to_its_share_and_comes_back() -> None:
    net = network()
    net.boxes["east"].need, net.boxes["north"].need, net.boxes["west"].need = cars(3, 32), cars(1, 8), cars(1, 8)
    net.run(15)
    assert first(net)["east"] > 40
    net.kill()
    net.run(7.5)
    assert first(net)["east"] > 40, "grants hold for a while"
    net.run(3)
    assert first(net)["east"] == 20
    net.run(50)
    assert set(first(net).values()) == {20}
    assert roles(net) == [Role.ALONE] * 3
    net.revive()
    net.run(15)
    assert first(net)["east"] > 40


def test_a_leader_that_dies_is_followed_by_another() -> None:
    net = network()
    net.boxes["west"].need = cars(3, 32)
    net.run(15)
    leader = next(box.member.leader for box in net.boxes.values() if box.member is not None)
    net.stop(leader)
    net.run(75)
    assert roles(net) == [Role.FOLLOWS, Role.LEADS]
    assert first(net)["west"] > 20
    net.start(leader)
    net.run(10)
    assert roles(net) == [Role.FOLLOWS, Role.FOLLOWS, Role.LEADS]


def test_the_last_will_of_a_leader_shortens_that() -> None:
    net = network()
    net.run(15)
    net.stop("east")
    for name in ("north", "west"):
        member = net.boxes[name].member
        assert member is not None
        assert member.leader == "east"
        member.gone("boot1", net.boxes[name].now(net.t))
    net.run(4)
    assert net.boxes["north"].member is not None
    assert net.boxes["north"].member.leader == "north"


def test_a_new_leader_waits_until_grants_of_an_earlier_one_have_run_out() -> None:
    net = network()
    net.boxes["west"].need, net.boxes["east"].need, net.boxes["north"].need = cars(3, 32), cars(1, 6), cars(1, 6)
    net.run(15)
    assert first(net)["west"] > 40
    net.kill(forget=True)
    net.up = True
    for name in ("east", "north"):  # they know nothing any more, and nobody tells them
        net.boxes[name].need = cars(3, 32)
        net.start(name)
    net.run(60)
    assert all(19 <= amps <= 20 for amps in first(net).values())
    net.connect("west")
    net.run(15)
    assert roles(net) == [Role.FOLLOWS, Role.FOLLOWS, Role.LEADS]


def test_a_box_with_other_rules_is_granted_nothing_and_nobody_else_either() -> None:
    net = network()
    net.boxes["west"].need = cars(3, 32)
    net.rules = rules(share=19.0)
    net.start("north")
    net.run(60)
    assert first(net) == {"east": 20, "north": 19, "west": 20}
    assert net.boxes["west"].member is not None
    assert net.boxes["west"].member.strangers(net.boxes["west"].now(net.t)) == ("north",)


def test_two_boxes_of_one_name_are_found() -> None:
    net = network()
    net.run(15)
    twin = Member(net.rules, "west", "twin", net.t)
    for _ in range(30):
        net.step()
        for message in twin.tick(cars(1), net.t):
            if isinstance(message, Report):
                net.publish(message)
    for box in net.boxes.values():
        assert box.member is not None
        assert box.member.strangers(box.now(net.t)) == ("west",)


def test_with_less_than_a_minimum_for_each_some_charge() -> None:
    net = Network(seeded(2), rules(share=4.0, limit=16.0, base=0.0))
    for box in net.boxes.values():
        box.need = cars(1, 16, on=False)
        net.start(box.name)
    net.run(25)
    assert sorted(amps >= 6 for amps in first(net).values()) == [False, True, True]


def test_the_meter_shows_what_is_left() -> None:
    net = Network(seeded(3), rules(base=3.0))
    for name in BOXES:
        net.start(name)
        net.boxes[name].need = cars(3, 32)
    seen = Need(wants=cars(3, 32).wants, most=(63.0,) * 3, flows=(0.0,) * 3, meter=(1.0,) * 3)
    net.boxes["east"].need = seen
    for _ in range(200):
        net.step()
    assert sum(first(net).values()) == pytest.approx(61, abs=2)
    net.boxes["east"].need = Need(wants=seen.wants, most=seen.most, meter=(33.0,) * 3)
    for _ in range(60):
        net.step()
    assert sum(first(net).values()) <= 30, "other loads have risen for good"
    net.boxes["east"].need = Need(wants=seen.wants, most=seen.most, meter=(70.0,) * 3)
    for _ in range(4):
        net.step()
    assert sum(first(net).values()) == 0, "too much flows: at once"


def happens(net: Network, name: str, chance: float) -> None:
    """Something to a box."""
    if chance < 0.05:
        net.start(name)
    elif chance < 0.1 and all(box.member is not None for box in net.boxes.values()):
        net.stop(name)  # one at a time: stations without a box are nobody's
    elif chance < 0.3:
        net.drop(name)
    elif chance < 0.8:
        net.connect(name)


@pytest.mark.timeout(180)
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_happens_the_fuse_is_not_overloaded(seed: int) -> None:
    chance = seeded(seed)
    net = Network(chance, skew=0.005)
    for name in BOXES:
        net.start(name)
    for _ in range(25):
        event = chance.random()
        if event < 0.1:
            net.kill(forget=chance.random() < 0.5)
        elif event < 0.2:
            net.loss, net.lag = chance.choice([0.0, 0.3]), chance.choice([0.0, 0.5, 3.0, 12.0])
        net.up = net.up or chance.random() < 0.6
        for name, box in net.boxes.items():
            happens(net, name, chance.random())
            box.need = cars(chance.choice([0, 0, 1, 3]), chance.choice([6, 16, 32]), on=chance.random() < 0.5)
        net.run(chance.choice([0.3, 2.0, 5.0, 12.0, 20.0]))
    net.loss = net.lag = 0.0
    net.revive()
    for box in net.boxes.values():
        box.need = cars(3, 32)
        if box.member is None:
            net.start(box.name)
    net.run(60)
    assert min(first(net).values()) >= 16, "when all is well again, all have theirs"
