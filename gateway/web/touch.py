"""What can be done on the page, where the site file lets drivers type and choose there (``[web] keypad``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """The box's side of it.

    Attributes:
        enter: Takes a key code at an EVSE; "accepted", "refused" or "wait".
        choices: The EVSEs that a master pass that was just presented can stop.
        stop: Stops what runs on an EVSE (0: on all of them) by that master pass.
    """

    enter: Callable[[str, int, str], Awaitable[str]]
    choices: Callable[[str], tuple[int, ...]]
    stop: Callable[[str, int], Awaitable[None]]


def is_own(headers: Mapping[str, str], host: str) -> bool:
    """Tell whether a form was sent by the page itself, and not by another one that the same browser shows."""
    if headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host
