"""Words, numbers and times of the page in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from gateway.locale import Catalogue


ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads: the texts of a language, and the time zone of the site."""

    catalogue: Catalogue
    zone: ZoneInfo

    @property
    def language(self) -> str:
        """Of the texts (RFC 5646)."""
        return self.catalogue.language

    def word(self, key: str, **params: object) -> str:
        """A word or phrase of the page."""
        return self.catalogue.word(f"page-{key}", **params)

    def number(self, value: float, places: int) -> str:
        """A number with so many decimal places."""
        text = f"{value:.{places}f}"
        return text.replace(".", ",") if self.language == "de" else text

    def time(self, at: datetime, now: datetime) -> str:
        """A time of day at the site, with its date unless that is today's."""
        here = at.astimezone(self.zone)
        today = here.date() == now.astimezone(self.zone).date()
        return f"{here:%H:%M}" if today else f"{here:%Y-%m-%d %H:%M}"


def drivers_language(wanted: Iterable[str], known: Collection[str]) -> str | None:
    """The language in which a driver is addressed (C01.FR.08, C01.FR.09, C01.FR.13): English where no other fits.

    Args:
        wanted: Tags of RFC 5646, the better one first; none: None is the answer.
        known: The languages that there are.
    """
    primary = [tag.casefold().partition("-")[0] for tag in wanted]
    return next((each for each in primary if each in known), ENGLISH) if primary else None


def chosen_language(wanted: str, accepted: str, known: Collection[str], default: str) -> str:
    """The language of an answer.

    Args:
        wanted: What the address asks for, "" if nothing.
        accepted: The header Accept-Language (RFC 9110, 12.5.4).
        known: The languages that there are.
        default: Where none of these fits.
    """
    if wanted in known:
        return wanted
    ranges = [_range(part) for part in accepted.split(",")]
    liked = sorted((each for each in ranges if each[1] > 0), key=lambda each: -each[1])
    return next((language for language, _ in liked if language in known), default)


def _range(text: str) -> tuple[str, float]:
    tag, _, parameter = text.partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        quality = float(value) if name.strip() == "q" else 1.0
    except ValueError:
        quality = 0.0
    return tag.strip().casefold().partition("-")[0], quality
