"""One thing that was looked at in a test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What came of a check; unclear: there was nothing to judge by."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at (``name``), what was found, and what should have been: numbers and units, no prose."""

    name: str
    verdict: Verdict
    found: str = ""
    expected: str = ""


def overall(checks: Iterable[Check]) -> Verdict:
    """Of a whole test: one failure fails it, and it has passed if something was shown."""
    verdicts = {check.verdict for check in checks}
    if Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.PASSED if Verdict.PASSED in verdicts else Verdict.UNCLEAR


def verdict(*, good: bool) -> Verdict:
    """Passed or failed."""
    return Verdict.PASSED if good else Verdict.FAILED
