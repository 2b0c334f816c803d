"""Whether an EVSE tells what flows often enough to be steered by it: found out while it charges, kept over restarts.

What a kind of station can tell is not what each of them does: one has no meter, another sends its readings each quarter of an
hour. An EVSE that is not taken to be measured counts with all that it is allowed, so nothing but a car that charges, and
is seen to, makes it a measured one.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.load.build import Built
    from gateway.load.observation import EvseSeen
    from gateway.load.ports import Notes
    from gateway.load.site import Evse

logger = logging.getLogger(__name__)

FLOWS = 1.0
"""A from which current flows for certain: a meter that is not there shows 0 as well."""
PROOF = 120.0
"""Seconds of charging after which it is said whether an EVSE tells."""
DOUBT = 300.0
"""The same of one that has told so far."""
MOSTLY, SELDOM = 0.97, 0.9
"""Share of these seconds in which a fresh measurement is there: from the first it tells, below the second it does not."""
GAP = 5.0
"""Seconds between two looks that count at most."""

_YES, _NO = "yes", "no"


class Pace:
    """One EVSE: ``told`` is what was found out, None as long as nothing was."""

    def __init__(self, told: bool | None = None) -> None:  # noqa: FBT001 the only thing that it may know
        self.told = told
        self._fresh = self._blind = 0.0
        self._at: float | None = None

    def look(self, seen: EvseSeen, t: float) -> bool:
        """Take what is seen at ``t``; True when something else was found out."""
        elapsed = 0.0 if self._at is None else min(GAP, t - self._at)
        self._at = t
        if not seen.online or seen.session is None or not seen.plugged or not seen.setpoint:
            return False
        if seen.i is None:
            self._blind += elapsed
        elif max(seen.i) > FLOWS:
            self._fresh += elapsed
        spent = self._fresh + self._blind
        if spent < (DOUBT if self.told else PROOF):
            return False
        share, before = self._fresh / spent, self.told
        self._fresh = self._blind = 0.0
        self.told = True if share >= MOSTLY else False if share < SELDOM else before
        return self.told is not before


class Paces:
    """All EVSEs of a site.

    Attributes:
        news: Whether something was found out since ``applied``.
    """

    def __init__(self, built: Built, notes: Notes) -> None:
        """Take the site as its file has it; nothing is known before ``recall``."""
        self._built = built
        self._notes = notes
        self._paces = {each.id: Pace() for each in built.site.evses}
        self._new: set[str] = set()
        self.news = False

    async def recall(self) -> None:
        """Take what was found out before the box was started; what cannot be read is found out anew."""
        kept: dict[str, Mapping[str, str]] = {}
        for name in self._paces:
            station, evse = self._built.spots[name]
            if station not in kept:
                kept[station] = {}
                with contextlib.suppress(GatewayError):
                    kept[station] = await self._notes.notes(station)
            said = kept[station].get(_note(evse))
            if said in {_YES, _NO}:
                self._paces[name] = Pace(said == _YES)

    def look(self, evse: str, seen: EvseSeen, t: float) -> None:
        """Take what is seen of an EVSE, with all that flows."""
        if self._paces[evse].look(seen, t):
            self._new.add(evse)
            self.news = True

    async def keep(self) -> None:
        """Keep what was found out anew."""
        new, self._new = sorted(self._new), set()
        for name in new:
            station, evse = self._built.spots[name]
            told = self._paces[name].told
            logger.info("load management: %s %s what flows", name, "tells" if told else "does not tell often enough")
            # The store tells of its own failure; until the next start it is known here.
            with contextlib.suppress(GatewayError):
                await self._notes.note(station, _note(evse), _YES if told else _NO)

    def applied(self) -> Built:
        """The site with what was found out, as far as anything was."""
        site, self.news = self._built.site, False
        return replace(self._built, site=replace(site, evses=tuple(self._with(each) for each in site.evses)))

    def _with(self, evse: Evse) -> Evse:
        told = self._paces[evse.id].told
        return evse if told is None else replace(evse, measured=told)


def _note(evse: int) -> str:
    return f"load-measured-{evse}"
