"""The times and margins of load management; each is a default that a site may have otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How careful and how eager the controller is.

    Attributes:
        settling: Seconds until a car has followed a new setpoint for certain: a write of 1.5 s and 5 s by IEC 61851-1.
        starting: The same where it was paused before.
        watch: Seconds until it has to have shown over which phases it draws, be it only by the meter of a circuit.
        inexact: Share of a circuit's limit that is not used, as its meter may be wrong by it (class 0.5).
        noise: A per phase that are not used, as meters are not steady.
        margin: A per phase between what is given and where it is taken away again.
        depth: A per phase that are taken away beyond what is too much: what was not seen quite right is not seen again.
        hold: Seconds for which other loads count as high as they have just been.
        calm: The same, where a paused car is to begin: a load that comes and goes is left its room.
        stale: Seconds after which a meter's reading is too old to raise anything.
        blind: Seconds after which the worst case counts instead.
        rotation: Seconds after which a car makes room for one that waits for the minimum.
        rest: Seconds that a car stays paused at least, unless there is room for all.
        worth: A by which a setpoint has to be too low before it is raised, where setpoints are saved up.
        unfair: A by which one has to have more than its share before it gives them to another.
        keep: Seconds that a car keeps what it was given, unless a circuit has too much.
        lump: A below its share to which one car is cut, so that not all have to be told.
        writes_per_hour: Setpoints that an EVSE is to be told in an hour of charging; less are saved up.
        burst: How many are saved up at most.
        thrifty: Where fewer are saved up than this: seconds for which current has to have been free, and A that it
            has to be.
        repeat_cut: Seconds after which a lower setpoint that a station does not show is said again.
        repeat_raise: The same for a higher one.
        pace: Seconds between one setpoint and a higher one.
        asleep: Seconds without current after which a car that has charged is taken to be full.
        waking: Seconds without current after which a car that was offered some is taken to be asleep; some take long.
        retry: Seconds after which a car that took nothing is asked again although others need the current.
        learning: Seconds that a car has to draw evenly before it is believed to take no more.
    """

    settling: float = 7.0
    starting: float = 20.0
    watch: float = 45.0
    inexact: float = 0.006
    noise: float = 0.1
    margin: float = 0.3
    depth: float = 1.2
    hold: float = 12.0
    calm: float = 100.0
    stale: float = 4.0
    blind: float = 6.0
    rotation: float = 1800.0
    rest: float = 60.0
    worth: float = 1.0
    unfair: float = 4.0
    keep: float = 180.0
    lump: float = 12.0
    writes_per_hour: float = 6.0
    burst: float = 12.0
    thrifty: tuple[tuple[float, float, float], ...] = (
        (1.0, 240.0, 5.0),
        (3.0, 120.0, 4.0),
        (6.0, 45.0, 3.0),
        (9.0, 20.0, 2.0),
    )
    repeat_cut: float = 1.6
    repeat_raise: float = 3.0
    pace: float = 30.0
    asleep: float = 180.0
    waking: float = 720.0
    retry: float = 900.0
    learning: float = 15.0

    @property
    def windows(self) -> tuple[float, ...]:
        """Every time for which current may have to be free before it is given, s."""
        return (self.hold, *(seconds for _, seconds, _ in self.thrifty))

    def price(self, tokens: float) -> tuple[float, float]:
        """What giving more takes where so many setpoints are saved up: seconds for which it was free, and A."""
        return next(((seconds, amps) for few, seconds, amps in self.thrifty if tokens < few), (self.hold, self.worth))
