"""Whether a sensor, and what a station draws under a limit, is plausible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.sensing import Quality
from gateway.model.trial.check import Check, Verdict, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.model.sensing import Judged

SLACK = 0.6
"""A above a limit that meters and the car's own regulation explain (IEC 61851-1, A.4: the duty cycle's tolerance is 1 %)."""

FLOWS = 1.0
"""A from which on a car charges."""


def judge_sensor(seen: Sequence[Judged], low: float | None = None, high: float | None = None) -> tuple[Check, ...]:
    """What one channel has told during a test.

    Args:
        seen: What it told, the oldest first.
        low: Lowest value that can be, in the unit of the variable.
        high: Highest value that can be.
    """
    last = seen[-1].quality if seen else Quality.WAITING
    worst = next((each.quality for each in seen if each.quality not in {Quality.GOOD, Quality.WAITING}), last)
    checks = [Check(name="quality", verdict=verdict(good=worst is Quality.GOOD), found=worst.value, expected="good")]
    numbers = [float(j.value) for j in seen if isinstance(j.value, float | int) and not isinstance(j.value, bool)]
    if low is not None and high is not None and numbers:
        good = all(low <= number <= high for number in numbers)
        found = f"{min(numbers):g} .. {max(numbers):g}"
        checks.append(Check(name="plausible", verdict=verdict(good=good), found=found, expected=f"{low:g} .. {high:g}"))
    return tuple(checks)


def judge_limit(before: float | None, lowered: float | None, restored: float | None, limit: float) -> tuple[Check, ...]:
    """What a station draws before, under, and after a limit.

    Args:
        before: A in the strongest phase without the limit; None: not measured.
        lowered: A under the limit, when it had settled or time was over.
        restored: A after the limit, when it had risen or time was over.
        limit: In A per phase.
    """
    if before is None or lowered is None or before <= limit + SLACK:
        found = "-" if before is None else f"{before:.1f} A"
        return (Check(name="charging", verdict=Verdict.UNCLEAR, found=found, expected=f"> {limit + SLACK:g} A"),)
    kept = lowered <= limit + SLACK
    checks = [
        Check(name="lowered", verdict=verdict(good=kept), found=f"{lowered:.1f} A", expected=f"<= {limit + SLACK:g} A")
    ]
    if restored is not None:
        back = restored > limit + SLACK
        checks.append(
            Check(
                name="restored",
                verdict=Verdict.PASSED if back else Verdict.UNCLEAR,  # the car, or another limit, may want less by now
                found=f"{restored:.1f} A",
                expected=f"> {limit + SLACK:g} A",
            )
        )
    return tuple(checks)
