"""Setpoints are taken back from who has most, until no row has less than nothing left."""

from __future__ import annotations

from gateway.load.bids import Bid, crowds
from gateway.load.claim import Claim
from gateway.load.site import LoadSite, Node
from gateway.load.steps import take_back
from gateway.load.tree import Tree


def test_an_overloaded_circuit_is_relieved_by_the_highest_first() -> None:
    tree = Tree(
        LoadSite(name="site", nodes=(Node(id="main", parent="", limit=(30.0, 63.0, 63.0), rated=63.0),), evses=())
    )
    claims = [
        Claim(evse=name, node="main", phases=(0,), least=6.0, most=32.0, step=1.0, weight=weight)
        for name, weight in (("a", 1.0), ("b", 1.0), ("c", 4.0))
    ]
    bids = [Bid(claim, tree) for claim in claims]
    slack = tree.room({}, {})
    for bid, current in zip(bids, (14_000_000, 8_500_000, 12_000_000), strict=True):
        bid.move(current, slack)

    take_back(crowds(bids), slack, [0])

    assert [bid.current for bid in bids] == [9.0, 8.5, 12.0]
    assert slack[0] == 500_000
