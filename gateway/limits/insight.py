"""Which limit binds each EVSE of a station, and what is left without load management."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gateway.model.limits.binding import LOAD, binding, by_backend
from gateway.model.limits.outlook import HORIZON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model.limits.binding import Binding
    from gateway.model.limits.outlook import Outlook

logger = logging.getLogger(__name__)


class Insight:
    """Of one station, as of the last look.

    Attributes:
        bindings: Which limit binds each EVSE that can be held down.
        others: What all but load management leave each EVSE, in A per phase; None: no limit.
    """

    def __init__(self) -> None:
        self.bindings: Mapping[int, Binding] = {}
        self.others: Mapping[int, float | None] = {}
        self._free: Outlook | None = None

    def clear(self) -> None:
        """Nothing can be limited."""
        self.bindings, self.others, self._free = {}, {}, None

    def foreign(self, evse: int) -> tuple[Binding, ...]:
        """What the charging profiles of the backend leave an EVSE, each by itself, and all others but load management together."""
        if self._free is None or evse not in self.others:
            return ()
        return (*by_backend(self._free, evse), binding(self._free, evse, self.others[evse]))

    def look(self, outlook: Outlook, limits: Mapping[int, float | None]) -> int:
        """Look at what each EVSE may draw (A per phase); gives for how many seconds what was found holds at least."""
        free = self._free = outlook.without(LOAD)
        self.others, until = (limits, HORIZON) if free is outlook else free.limits()
        before, self.bindings = self.bindings, {evse: binding(outlook, evse, limits[evse]) for evse in limits}
        for evse, found in self.bindings.items():
            _log(outlook.state.id, evse, before.get(evse), found)
        return until


def _log(station: str, evse: int, old: Binding | None, new: Binding) -> None:
    """Tell of another limit that binds, not of each of its steps."""
    same = not new.limited if old is None else (old.reason, old.holder) == (new.reason, new.holder)
    if not same:
        text = "no limit" if new.current is None else f"{new.current:g} A"
        logger.info("%s: EVSE %d: %s: %s", station, evse, text, new.reason.text)
