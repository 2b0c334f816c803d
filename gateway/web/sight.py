"""What the page may see of the box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from gateway.load.history import LoadSight
    from gateway.model.alerts import Alert
    from gateway.model.limits.binding import Binding
    from gateway.model.notices import Notice
    from gateway.model.station import StationState
    from gateway.web.touch import Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Read-only views, none of which waits; and what can be done, if anything can.

    Attributes:
        box: What people call the box.
        stations: The identity of every station.
        station: The state of one (KeyError: no such station).
        notices: What the driver in front of it is to see.
        alerts: Which alerts stand there, the most severe first.
        bindings: Which limit binds its EVSEs, by EVSE.
        online: Whether its backend is there.
        languages: Those of the driver at an EVSE (RFC 5646), the better one first; none where nobody has said any.
        now: The time, UTC.
        touch: What can be done there; None: nothing, it can only be read.
        load: What load management knows; None: there is none.
    """

    box: str
    stations: Callable[[], tuple[str, ...]]
    station: Callable[[str], StationState]
    notices: Callable[[str], Iterable[Notice]]
    alerts: Callable[[str], Sequence[Alert]]
    bindings: Callable[[str], Mapping[int, Binding]]
    online: Callable[[str], bool]
    languages: Callable[[str, int], tuple[str, ...]]
    now: Callable[[], datetime]
    touch: Touch | None = None
    load: LoadSight | None = None
