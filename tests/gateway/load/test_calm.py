"""Where cars had to be paused, the next one waits for longer calm."""

from __future__ import annotations

from gateway.load.calm import Calm
from gateway.load.policy import Policy

POLICY = Policy(calm=100.0, longest=900.0, remembers=1800.0)


def test_each_pause_asks_for_as_much_calm_again() -> None:
    calm = Calm(POLICY)
    assert calm.seconds("main", 0.0) == 100.0
    calm.paused(["main", "west"], 10.0)
    calm.paused(["main"], 20.0)
    assert calm.seconds("main", 30.0) == 300.0
    assert calm.seconds("west", 30.0) == 200.0
    assert calm.seconds("east", 30.0) == 100.0


def test_it_never_takes_longer_than_so_long_and_is_forgotten() -> None:
    calm = Calm(POLICY)
    for second in range(30):
        calm.paused(["main"], float(second))
    assert calm.seconds("main", 30.0) == 900.0
    assert calm.seconds("main", 1815.0) == 900.0
    assert calm.seconds("main", 1825.5) == 500.0
    assert calm.seconds("main", 2000.0) == 100.0
