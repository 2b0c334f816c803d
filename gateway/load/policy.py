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
        telling: Seconds between two EVSEs that nobody measures, so that a meter can tell one from the other.
        inexact: Share of a circuit's limit that is not used, as its meter may be wrong by it (class 0.5).
        noise: A per phase that are not used, as meters are not steady.
        margin: A per phase between what is given and where it is taken away again.
        depth: A per phase that are taken away beyond what is too much: what was not seen quite right is not seen again.
        hold: Seconds for which other loads count as high as they have just been.
        calm: The same, where a paused car is to begin: a load that comes and goes is left its room. It is that much more
            for each car that a circuit had to pause within the seconds of ``remembers``, and never more than ``longest``.
        longest: See calm.
        remembers: See calm.
        stale: Seconds after which a meter's reading is too old to raise anything.
        blind: Seconds after which the worst case counts instead.
        patience: Seconds that a car whose turn it is waits for current to become free by itself.
        rotation: Seconds after which a car that waits for the minimum gets it before all others.
        turn: Seconds that a car which has waited for so long keeps its place at a station that can only be switched,
            be it in several parts.
        rest: Seconds that a car stays paused at least, unless there is room for all.
        unfair: A by which one has to have more than its share before it gives them to another.
        keep: Seconds that a car keeps what it was given, unless a circuit has too much.
        lump: A below its share to which one car is cut, so that not all have to be told.
        writes_per_hour: Setpoints that an EVSE is to be told in an hour of charging; less are saved up.
        burst: How many are saved up at most.
        windows: Seconds for which current may have been free before it is given, besides ``hold``.
        gain: As (A, times seconds for which they were free) that a raise has to be worth where all are saved up.
        saving: How many fewer are saved up where it has to be worth twice as much.
        repeat_cut: Seconds after which a lower setpoint that a station does not show is said again.
        repeat_raise: The same for a higher one.
        pace: Seconds between one setpoint and a higher one.
        asleep: Seconds without current after which a car that has charged is taken to be full.
        quiet: Seconds without current after which a car that was offered some counts for nothing, until it draws.
        waking: Seconds without current after which a car that was offered some is taken to be asleep; some take long.
        retry: Seconds after which a car that took nothing is asked again although others need the current.
        learning: Seconds that a car has to draw evenly before it is believed to take no more.
    """

    settling: float = 7.0
    starting: float = 20.0
    watch: float = 45.0
    telling: float = 28.0
    inexact: float = 0.006
    noise: float = 0.1
    margin: float = 0.3
    depth: float = 1.2
    hold: float = 15.0
    calm: float = 100.0
    longest: float = 900.0
    remembers: float = 1800.0
    stale: float = 4.0
    blind: float = 6.0
    rotation: float = 1800.0
    turn: float = 900.0
    patience: float = 150.0
    rest: float = 60.0
    unfair: float = 4.0
    keep: float = 180.0
    lump: float = 12.0
    writes_per_hour: float = 10.0
    burst: float = 12.0
    windows: tuple[float, ...] = (30.0, 60.0, 120.0, 240.0)
    gain: float = 90.0
    saving: float = 3.5
    repeat_cut: float = 1.6
    repeat_raise: float = 3.0
    pace: float = 30.0
    quiet: float = 45.0
    asleep: float = 180.0
    waking: float = 720.0
    retry: float = 900.0
    learning: float = 15.0

    def price(self, tokens: float) -> float:
        """What a raise has to be worth where so many setpoints are saved up, As: A, times seconds for which they were free."""
        return self.gain * 2 ** ((self.burst - tokens) / self.saving)
