"""How long to wait before the next attempt to connect (OCPP 2.0.1 Part 4, 5.3 and 8.1-8.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOffRules:
    """RetryBackOffWaitMinimum (s), RetryBackOffRepeatTimes, RetryBackOffRandomRange (s)."""

    wait_minimum: float
    repeat_times: int
    random_range: float


class BackOff:
    """The growing wait between attempts.

    The first wait is the minimum plus a random part. Each later one is twice the one before plus a new random part,
    until it has been doubled RepeatTimes; then it stays as it is.

    Args:
        rules: read at each step, so that a changed variable counts at once.
        random: uniform in [0, 1).
    """

    def __init__(self, rules: Callable[[], BackOffRules], random: Callable[[], float]) -> None:
        self._rules = rules
        self._random = random
        self._wait: float | None = None
        self._doubled = 0

    def next(self) -> float:
        """Seconds to wait before the next attempt."""
        rules = self._rules()
        if self._wait is None:
            self._wait = rules.wait_minimum + self._random() * rules.random_range
        elif self._doubled < rules.repeat_times:
            self._doubled += 1
            self._wait = 2 * self._wait + self._random() * rules.random_range
        return self._wait

    def reset(self) -> None:
        """Start over after a successful connection (errata 2025-04 of Part 4, 5.3)."""
        self._wait = None
        self._doubled = 0
