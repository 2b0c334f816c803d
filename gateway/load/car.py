"""What is known of one EVSE and the car at it: what it may draw now, what it takes at most, and over which phases."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.load.site import Control

if TYPE_CHECKING:
    from gateway.load.observation import EvseSeen
    from gateway.load.policy import Policy
    from gateway.load.site import Evse, Phases

NONE: Phases = (0.0, 0.0, 0.0)
FLOWS = 1.0
"""A from which a phase carries current for certain."""
HAIR = 0.2
"""A that a car which draws evenly may draw more in the next moment."""
CALMING = 0.25
"""Share of a measurement in the mean of a car that draws evenly."""
STEADY = 4.0
"""Seconds before a moment in which a car has to have drawn evenly."""
KEPT = 30.0
"""Seconds of currents that are kept."""


@dataclass(slots=True)
class Car:
    """One EVSE over time; ``see`` is to be called at every step, ``tell`` whenever a setpoint is written."""

    evse: Evse
    policy: Policy
    setpoint: float = 0.0
    told_at: float = float("-inf")
    seen: EvseSeen | None = None
    heard_at: float = float("-inf")
    session: str | None = None
    since: float = 0.0
    on_since: float | None = None
    off_since: float | None = None
    waited: float = 0.0
    turn: float = 0.0
    used: tuple[int, ...] | None = None
    cap: float | None = None
    tokens: float = 0.0
    idle_since: float | None = None
    flowed_at: float = float("-inf")
    called: float = float("inf")
    asked_at: float = float("-inf")
    repeated: int = 0
    had: float = 0.0
    asleep: bool = False
    smooth: float = 0.0
    share: float = 1.0
    _at: float | None = None
    _earlier: list[tuple[float, float]] = field(default_factory=list)
    _past: deque[tuple[float, Phases]] = field(default_factory=deque)
    _even_since: float | None = None
    _high: float = 0.0

    # --- what is seen ---------------------------------------------------------------------------------------------

    def see(self, seen: EvseSeen, t: float) -> None:
        """Take what is seen of the EVSE at ``t``."""
        first = self._at is None
        elapsed = 0.0 if self._at is None else t - self._at
        self._at = t
        if first:
            self._begin(seen, t)
        if self.charging:
            self.tokens = min(self.policy.burst, self.tokens + elapsed * self.policy.writes_per_hour / 3600)
        self._take_turn(elapsed)
        if seen.online:
            self._hear(seen, t)
        if seen.session != self.session:
            self._arrives(seen, t)
        self.had += elapsed * min(self.setpoint, self.will()) if self.seen is not None else 0.0
        self.seen = seen
        self._follow(seen, t)
        self._earlier = [(until, value) for until, value in self._earlier if until > t and not self._obeyed(seen)]
        self._learn(seen, t)

    def _take_turn(self, elapsed: float) -> None:
        """What a car has waited counts until it has begun; at a block, until it has had a whole turn.

        A block is the first to be paused for others, and would wait as long again. Where all were owed that, each short
        pause for a step of other loads would be handed on to somebody else: in a full depot nobody had any peace.
        """
        if self.charging:
            self.turn += elapsed
            if self.turn >= self.policy.turn or self.evse.control is Control.AMP:
                self.waited = 0.0
        elif self.wants:
            if self.turn >= self.policy.turn:
                self.turn = 0.0
            self.waited += elapsed

    def _begin(self, seen: EvseSeen, t: float) -> None:
        """Nothing is known of what the station was told before: it may draw all, if it does not say."""
        self.setpoint = self.evse.maximum if seen.setpoint is None else seen.setpoint
        self.told_at, self.tokens = t - 3600.0, self.policy.burst / 2
        self.heard_at = t

    def _hear(self, seen: EvseSeen, t: float) -> None:
        """Who is back from its fail-safe goes on from there: what it had before may be another's by now."""
        if self._fallen(t) and seen.setpoint is not None and seen.setpoint < self.setpoint:
            self.setpoint = seen.setpoint
            if seen.setpoint <= 0:
                self.on_since, self.off_since = None, t
        self.heard_at = t

    def _fallen(self, t: float) -> bool:
        """Whether the station has heard nothing for so long that it draws its fail-safe current."""
        return t - self.heard_at > self.evse.failsafe_timeout + self.policy.settling

    def _arrives(self, seen: EvseSeen, t: float) -> None:
        self.session, self.since = seen.session, t
        self.used, self.cap, self.asleep, self.had = None, None, False, 0.0
        self._even_since, self.idle_since, self.on_since, self.share = None, None, None, 1.0
        self.off_since = t if seen.session is not None else None
        self.waited, self.turn = 0.0, 0.0
        self.tokens = max(self.tokens, 4.0)

    def _follow(self, seen: EvseSeen, t: float) -> None:
        if seen.i is not None and (not self._past or seen.t_meas > self._past[-1][0]):
            self._past.append((seen.t_meas, seen.i))
            flows = self.flows(seen.i)
            even = abs(flows - self.smooth) < FLOWS and flows > FLOWS
            self.smooth += (flows - self.smooth) * (CALMING if even else 1.0)
        elif not self.evse.measured or seen.i is None:
            self._past.append((t, self.assumed()))
        while self._past and self._past[0][0] < t - KEPT:
            self._past.popleft()

    def flows(self, i: Phases) -> float:
        """A per phase of the car: the mean of its phases, as the highest of several is too high by their noise."""
        return max(i) if self.used is None else sum(i[p] for p in self.used) / len(self.used)

    def _obeyed(self, seen: EvseSeen) -> bool:
        """Whether the car is seen to draw no more than its last setpoint, by a measurement made since."""
        return seen.i is not None and seen.t_meas > self.told_at + 0.5 and max(seen.i) <= self.setpoint + FLOWS / 2

    def _learn(self, seen: EvseSeen, t: float) -> None:
        if seen.i is None or not self.charging:
            self._even_since, self.idle_since = None, None
            return
        flows = max(seen.i)
        if flows >= 3 * FLOWS:
            self._use(tuple(p for p in self.evse.phases if seen.i[p] > FLOWS))
        if flows > FLOWS:
            self.idle_since, self.asleep, self.flowed_at = None, False, t
        elif self.idle_since is None:
            self.idle_since = t
        begun = self.on_since is not None and self.flowed_at > self.on_since
        patience = self.policy.asleep if begun else self.policy.waking
        if self.idle_since is not None and t - max(self.idle_since, self.on_since or t) > patience:
            self.asleep = True
        self._take(flows, t)

    def _use(self, used: tuple[int, ...]) -> None:
        """Phases that are seen once count for the whole visit."""
        known = self.used
        if known is None:
            self.used = used
        elif set(used) - set(known):
            self.used = tuple(p for p in self.evse.phases if p in {*known, *used})

    def _take(self, flows: float, t: float) -> None:
        """Less than allowed for a while: the car takes no more. All that is allowed: nobody knows what it takes."""
        if flows >= self.setpoint - FLOWS:
            self.cap, self._even_since = None, None
            return
        if self._even_since is None or flows > self._high:
            self.cap, self._even_since, self._high = None, t, flows + FLOWS / 2
        elif t - max(self._even_since, self.told_at + self.policy.settling) > self.policy.learning:
            self.cap = flows
            self._high = flows + FLOWS / 2

    # --- what is told ---------------------------------------------------------------------------------------------

    def tell(self, setpoint: float, t: float) -> None:
        """Note that a setpoint is written at ``t``."""
        if setpoint != self.setpoint:
            if setpoint < self.setpoint:
                self._earlier.append((t + self.policy.settling, self.may()))
            self.tokens = max(-1.0, self.tokens - 1.0)
            if setpoint > 0 and self.setpoint <= 0:
                self.on_since, self.off_since, self.asked_at = t, None, t
            elif setpoint <= 0:
                self.on_since, self.off_since = None, t
            self._even_since = None
        self.repeated = self.repeated + 1 if setpoint == self.setpoint else 0
        self.setpoint, self.told_at = setpoint, t

    def guessed(self, used: tuple[int, ...]) -> None:
        """The meter of the circuit shows which phases the car loads, or that it takes nothing."""
        self.asleep = not used
        self.used = used or None

    @property
    def tells(self) -> bool:
        """Whether what flows is measured."""
        return self.evse.measured and self.seen is not None and self.seen.i is not None

    def known(self, t: float) -> bool:
        """Whether it is known by now what the car drew at ``t``: it was measured since, or draws as it did before."""
        seen = self.seen
        if not self.wants or seen is None or not seen.online:
            return True
        quiet = t - self.told_at >= (self.policy.starting if self.fresh else self.policy.settling)
        if not self.tells or seen.i is None:
            return quiet
        even = self.cap is not None or self.asleep or self.setpoint <= 0 or max(seen.i) > self.setpoint - FLOWS
        return seen.t_meas >= t or (quiet and even and not self._earlier)

    @property
    def fresh(self) -> bool:
        """Whether the last setpoint was the first after a pause: cars take their time to begin."""
        return self.on_since is not None and self.on_since >= self.told_at

    @property
    def charging(self) -> bool:
        """A car is there, may charge, and is allowed some current."""
        return self.wants and self.setpoint > 0

    @property
    def wants(self) -> bool:
        """A car is there and may charge."""
        seen = self.seen
        return seen is not None and seen.plugged and seen.session is not None and not seen.faulted

    @property
    def phases(self) -> tuple[int, ...]:
        """The phases that the car loads, as far as is known: else all that it may."""
        return self.used or self.evse.phases

    @property
    def unsure(self) -> bool:
        """Whether the car may load fewer phases than its EVSE has."""
        return self.used is None and len(self.evse.phases) > 1

    def will(self) -> float:
        """A per phase that the car may draw when it has followed its setpoint, for some time to come."""
        seen, evse = self.seen, self.evse
        if seen is None or self._at is None:
            return evse.maximum
        if not seen.online:
            return evse.failsafe if self._fallen(self._at) else max(self.setpoint, evse.failsafe)
        flows = 0.0 if seen.i is None else self.smooth
        if not self.charging:
            return flows if self.settled and flows > FLOWS else 0.0
        if not self.tells or not self.settled:
            return self.allowed
        if self.asleep or self.quiet:
            return 0.0
        # A station that does not obey is counted with what it draws.
        return max(min(self.allowed, flows + HAIR), flows) if flows > FLOWS else self.allowed

    @property
    def allowed(self) -> float:
        """A per phase that a car which may charge is allowed; a station that can only be switched gives what it gives."""
        return self.setpoint if self.evse.control is Control.AMP else self.evse.least

    def may(self) -> float:
        """A per phase that the car may draw at this very moment, before it has followed what it was told."""
        seen = self.seen
        now = [self.will(), *(value for _, value in self._earlier)]
        if seen is not None and seen.online and not self.settled:
            now += [max(seen.i)] if seen.i is not None else []
            now += [seen.setpoint] if seen.setpoint is not None and self.wants else []
        return max(now)

    def believed(self, amps: float) -> float:
        """The same where a measurement is not believed that is a little above the setpoint."""
        allowed = 0.0 if not self.charging else self.allowed
        return min(amps, allowed) if amps <= allowed + FLOWS / 2 else amps

    def surely(self) -> float:
        """A per phase that the car draws at least, now and when it has followed its setpoint."""
        will = self.will()
        if self.seen is None or self.seen.i is None:
            return will if self.settled else 0.0
        return min(will, max(0.0, self.smooth - HAIR))

    def resting(self, t: float) -> bool:
        """Whether a car that was paused has to stay so for a while yet."""
        return self.off_since is not None and self.since != self.off_since and t - self.off_since < self.policy.rest

    @property
    def quiet(self) -> bool:
        """Whether a car takes nothing of what it has been offered for a while; it may begin at any moment."""
        if not self.tells or not self.charging or self.evse.control is not Control.AMP or self._at is None:
            return False
        idle = self.idle_since
        return idle is not None and self._at - max(idle, self.on_since or idle) > self.policy.quiet

    @property
    def settled(self) -> bool:
        """Whether the car has had the time to follow its last setpoint."""
        return self._at is not None and self._at - self.told_at >= self.policy.settling and not self._earlier

    def assumed(self) -> Phases:
        """What flows into the car, where nothing measures it."""
        if not self.charging:
            return NONE
        amps = self.allowed
        if self.seen is not None and not self.seen.online:
            # Never more than it is counted with: what is assumed too much would be taken for free on the meter.
            amps = min(amps, self.will())
        return tuple(amps if p in self.phases else 0.0 for p in range(3))  # type: ignore[return-value]

    def drawn(self, t: float) -> Phases:
        """What has flowed at ``t``, between the measurements around it; of a car that draws evenly, without their noise."""
        if self.used is not None and self.tells and self.smooth > FLOWS and self._even_at(t):
            return tuple(self.smooth if p in self.used else 0.0 for p in range(3))  # type: ignore[return-value]
        later: tuple[float, Phases] | None = None
        for at, i in reversed(self._past):
            if at <= t:
                if later is None or later[0] == at:
                    return i
                share = (t - at) / (later[0] - at)
                return tuple(a + (b - a) * share for a, b in zip(i, later[1], strict=True))  # type: ignore[return-value]
            later = (at, i)
        return later[1] if later is not None else NONE

    def _even_at(self, t: float) -> bool:
        """Whether all measurements around ``t`` and since are about the same."""
        near = [i for at, i in self._past if at >= t - STEADY]
        return bool(near) and all(abs(self.flows(i) - self.smooth) < FLOWS for i in near)

    def takes(self) -> float:
        """A per phase that the car gives up if it is paused: what it draws, or as likely where nobody measures it."""
        return self.will() if self.tells else self.will() * self.share

    def lower(self, t: float) -> float:
        """The least that flowed at ``t`` of what will flow; who is about to draw less is taken not to have done so yet."""
        if self._earlier:
            return self.upper(t) if self.tells else self.upper(t) * self.share
        return self.surely()

    def upper(self, t: float) -> float:
        """The most that may have flowed at ``t``, over each of its phases."""
        return max(*self.drawn(t), self.may())
