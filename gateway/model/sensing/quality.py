"""How far a sensor's value can be relied on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Value = bool | float | str
"""What a channel tells: a contact, a quantity in the unit of its variable, a text."""


class Quality(StrEnum):
    """What is known of a value; everything but ``GOOD`` is a problem of the sensor."""

    GOOD = "good"
    WAITING = "waiting"
    """Nothing has come yet."""
    STALE = "stale"
    """What came last is too old."""
    LOST = "lost"
    """The device does not answer."""
    BROKEN = "broken"
    """The current loop is open, or outside what a working transmitter sends (NAMUR NE 43)."""
    IMPLAUSIBLE = "implausible"
    """The value cannot be: outside the channel's limits, or a code for "none"."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A value and its quality; ``value`` is None unless the quality is ``GOOD``."""

    value: Value | None
    quality: Quality = Quality.GOOD
