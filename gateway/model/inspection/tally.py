"""How often and how long a component has worked. It never falls, whatever clocks do."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted, and what the component does now.

    Attributes:
        cycles: How often it began to work.
        seconds: How long it has worked, up to ``since``.
        on: It works, as far as is known.
        since: Monotonic time in s up to which ``seconds`` counts; None: nothing is being counted.
    """

    cycles: int = 0
    seconds: float = 0.0
    on: bool = False
    since: float | None = None

    def at(self, now: float) -> Tally:
        """Counted up to now, monotonic time in s."""
        if self.since is None:
            return self
        return replace(self, seconds=self.seconds + max(0.0, now - self.since), since=max(now, self.since))

    def seen(self, on: bool | None, now: float) -> Tally:  # noqa: FBT001 - what was seen
        """The component works, rests, or (None) cannot be seen: then no time counts, and nothing has begun or ended."""
        after = self.at(now)
        if on is None or (not on and not after.on):
            return replace(after, since=None) if after.since is not None else after
        if not on:
            return replace(after, on=False, since=None)
        return replace(
            after, on=True, cycles=after.cycles + (not after.on), since=now if after.since is None else after.since
        )

    @property
    def hours(self) -> float:
        """As ``seconds``, in h."""
        return self.seconds / 3600
