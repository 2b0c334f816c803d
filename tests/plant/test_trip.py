"""Trip curves."""

from __future__ import annotations

from math import inf

import pytest

from gateway.bench.plant.trip import Curve
from gateway.load.site import Fuse


@pytest.mark.parametrize(
    ("fuse", "rated", "times", "seconds"),
    [
        (Fuse.GG, 63.0, 1.2, inf),
        (Fuse.GG, 63.0, 1.3, 2600),
        (Fuse.GG, 63.0, 1.45, 1050),
        (Fuse.GG, 63.0, 1.6, 464),
        (Fuse.GG, 63.0, 2.0, 73),
        (Fuse.GG, 160.0, 1.3, 5280),
        (Fuse.GG, 160.0, 1.6, 1024),
        (Fuse.GG, 160.0, 2.5, 30),
        (Fuse.B, 32.0, 1.1, inf),
        (Fuse.B, 32.0, 1.2, 545),
        (Fuse.B, 32.0, 1.6, 49),
        (Fuse.B, 32.0, 2.0, 7.6),
        (Fuse.B, 32.0, 3.0, 0.02),
    ],
)
def test_the_earliest_trip_time(fuse: Fuse, rated: float, times: float, seconds: float) -> None:
    assert Curve(fuse, rated).time(times * rated) == pytest.approx(seconds, rel=0.02)


@pytest.mark.parametrize("rated", [16.0, 25.0, 35.0, 63.0, 100.0, 250.0, 630.0, 800.0])
def test_a_fuse_holds_less_long_the_more_it_carries(rated: float) -> None:
    times = [Curve(Fuse.GG, rated).time(rated * share / 100) for share in range(126, 400, 5)]
    assert times == sorted(times, reverse=True)
