"""Values of payloads and of the device model, as the profiles read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload
from urllib.parse import urlsplit

from gateway.contracts import CallRefused
from gateway.model.device import VariableRef

if TYPE_CHECKING:
    from gateway.model.device import DeviceModel

FILE_SCHEMES = frozenset({"ftp", "ftps", "http", "https", "sftp"})
"""How a 1.x station may fetch or bring a file; which of them it really can, only its own report shows."""


@overload
def moment(text: str) -> datetime: ...
@overload
def moment(text: str | None) -> datetime | None: ...
def moment(text: str | None) -> datetime | None:
    """A dateTime of a payload, aware UTC (Part 2, 2.1.3); one without an offset is UTC.

    Raises:
        CallRefused: ``PropertyConstraintViolation``; the schemas do not check the form of times.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:  # the year 9999 west of Greenwich is none in UTC
        raise CallRefused("PropertyConstraintViolation", reason="not a dateTime") from error


def flag(device: DeviceModel, component: str, variable: str, *, absent: bool = False) -> bool:
    """The value of a boolean variable; ``absent`` where the profile that brings it is not there."""
    known = device.spec(VariableRef(component=component, variable=variable)) is not None
    return device.boolean(component, variable) if known else absent


def is_file_location(text: str) -> bool:
    """Tell whether a text is a URL that a station may fetch a file from or bring one to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in FILE_SCHEMES and bool(parts.hostname)
