"""The times and margins of load management; each is a default that a site may have otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How careful and how eager the controller is.

    Attributes:
        settling: Seconds until a car has followed a new setpoint for certain: a write of 1.5 s and 5 s by IEC 61851-1.
        inexact: Share of a circuit's limit that is not used, as its meter may be wrong by it (class 0.5).
        noise: A per phase that are not used, as meters are not steady.
        margin: A per phase between what is given and where it is taken away again.
        hold: Seconds for which other loads count as high as they have just been.
        calm: The same, where a paused car is to begin: a load that comes and goes is left its room.
        stale: Seconds after which a meter's reading is too old to raise anything.
        blind: Seconds after which the worst case counts instead.
        rotation: Seconds after which a car makes room for one that waits for the minimum.
        rest: Seconds that a car stays paused at least, unless there is room for all.
        worth: A by which a setpoint has to be too low before it is raised.
        unfair: A by which one has to have more than its share before it gives them to another.
        lump: A below its share to which one car is cut, so that not all have to be told.
        writes_per_hour: Setpoints per EVSE and hour that raising may use up.
        burst: Setpoints that may be used at once.
        repeat_cut: Seconds after which a lower setpoint that a station does not show is said again.
        repeat_raise: The same for a higher one.
        asleep: Seconds without current after which a car is taken to be full or asleep.
        retry: Seconds after which a car that took nothing is asked again although others need the current.
        learning: Seconds that a car has to draw evenly before it is believed to take no more.
    """

    settling: float = 7.0
    inexact: float = 0.006
    noise: float = 0.1
    margin: float = 0.4
    hold: float = 12.0
    calm: float = 100.0
    stale: float = 4.0
    blind: float = 6.0
    rotation: float = 900.0
    rest: float = 60.0
    worth: float = 2.0
    unfair: float = 3.0
    lump: float = 4.0
    writes_per_hour: float = 10.0
    burst: float = 3.0
    repeat_cut: float = 1.6
    repeat_raise: float = 3.0
    asleep: float = 90.0
    retry: float = 900.0
    learning: float = 15.0
