"""dateTime as stations write it: with nine digits, with a comma, with a blank for the T, without a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_STAMP = re.compile(
    r"""\s*(\d{4})-(\d{1,2})-(\d{1,2})
        (?:[Tt\s_]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d+))?)?)?
        \s*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?(?!\d))?""",
    re.VERBOSE | re.ASCII,
)
_MAX_OFFSET = timedelta(hours=15)
_LAST_SECOND = 59
_MIDNIGHT_AFTER = 24


def parse_timestamp(text: str, default_zone: tzinfo = UTC) -> datetime | None:
    """Read a dateTime; what follows it ("[Etc/UTC]", junk) is ignored.

    Args:
        text: as received.
        default_zone: the zone of a time that names none.

    Returns:
        The moment in UTC, or None when there is no date in ``text``.
    """
    match = _STAMP.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, zone_hour, zone_minute = match.groups()
    zone: tzinfo = UTC if zulu else default_zone
    if sign:
        offset = timedelta(hours=int(zone_hour), minutes=int(zone_minute or 0))
        if offset > _MAX_OFFSET:
            return None
        zone = timezone(-offset if sign == "-" else offset)
    hours = int(hour or 0)
    microseconds = int((fraction or "0")[:6].ljust(6, "0"))
    seconds = min(int(second or 0), _LAST_SECOND)  # a leap second has no place in datetime
    try:
        moment = datetime(int(year), int(month), int(day), hours % 24, int(minute or 0), seconds, microseconds, zone)
        if hours >= _MIDNIGHT_AFTER:
            if hours > _MIDNIGHT_AFTER:
                return None
            moment += timedelta(days=1)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def has_zone(text: str) -> bool:
    """Tell whether a dateTime says which zone it is in."""
    match = _STAMP.match(text)
    return match is not None and (match[8] is not None or match[9] is not None)


def format_timestamp(moment: datetime, *, millis: bool = True) -> str:
    """Write an aware datetime as UTC with "Z", with or without milliseconds."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="milliseconds" if millis else "seconds") + "Z"
