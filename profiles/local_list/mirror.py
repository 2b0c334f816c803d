"""The station's own copy of the list: for when the box itself is not there.

The box is the master. A 1.x station may change its list by itself, so what it says of its version does not count: the
version there is the copy's own, and the first copy after the box has started is always a full one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.commands import LocalListEntry, SendLocalList, Verdict
from gateway.model.station import Capability
from gateway.model.tokens import TokenType
from profiles.common.master_pass import master_group
from profiles.common.wire import flag

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from gateway.contracts import Northbound
    from gateway.model.tokens import Authorization, Token
    from profiles.local_list.update import LocalList

logger = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until a station that could not be reached is tried again."""

CHUNK = 50
"""Tokens in one message to a station; OCPP 1.5 does not tell how many it takes."""

_NOT_READ = {TokenType.EMAID, TokenType.MAC_ADDRESS, TokenType.NO_AUTHORIZATION}
"""No reader of a 1.x station presents these."""

_CARDS = {TokenType.ISO14443, TokenType.ISO15693}

Rules = tuple[bool, str]
"""Whether the list is in use, and the master pass group: a station would let it charge."""

Entries = dict[str, tuple["Token", "Authorization"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a station holds: made of which list (``source``) by which rules, its entries, the version they have there."""

    source: LocalList
    rules: Rules
    entries: Entries
    version: int


class Mirror:
    """Keeps the copies of all stations up to date."""

    def __init__(self, northbound: Northbound, held: Callable[[str], Awaitable[LocalList]]) -> None:
        self._northbound = northbound
        self._held = held
        self._news = asyncio.Event()
        self._copies: dict[str, Copy] = {}
        self._refused: dict[str, tuple[LocalList, Rules]] = {}
        self._without: set[str] = set()

    def changed(self) -> None:
        """A list has changed."""
        self._news.set()

    async def run(self) -> None:
        """Follow the lists until cancelled."""
        while True:
            self._news.clear()
            await asyncio.gather(*(self._follow(station) for station in self._northbound.stations()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._news.wait()

    async def _follow(self, station: str) -> None:
        """Bring a station's copy up to date, if it is to have one and is there."""
        state = self._northbound.station(station)
        able = Capability.LOCAL_LIST in state.capabilities and station not in self._without
        if not able or not state.reachable:
            return
        held = await self._held(station)
        device = self._northbound.device(station)
        rules = (flag(device, "LocalAuthListCtrlr", "Enabled"), master_group(device))
        copy = self._copies.pop(station, None)
        if copy is not None and copy.source is held and copy.rules == rules:
            self._copies[station] = copy
            return
        if held.version == 0 or self._refused.get(station) == (held, rules):
            return
        wanted = usable(held, *rules)
        verdict = await self._send(station, copy, wanted)
        if verdict is not None and verdict is not Verdict.UNREACHABLE and copy is not None:
            # It may have changed its list since; what is there does not matter to a full copy.
            copy, verdict = None, await self._send(station, None, wanted)
        if verdict is None:
            version = (copy.version if copy else 0) + len(tuple(steps(station, copy, wanted)))
            self._copies[station] = Copy(source=held, rules=rules, entries=wanted, version=version)
        elif verdict is Verdict.UNSUPPORTED:
            self._without.add(station)
            logger.info("%s: keeps no Local Authorization List itself", station)
        elif verdict not in {Verdict.UNREACHABLE, Verdict.UNANSWERED}:
            self._refused[station] = (held, rules)
            logger.warning("%s: has not taken its copy of the Local Authorization List: %s", station, verdict)

    async def _send(self, station: str, copy: Copy | None, wanted: Entries) -> Verdict | None:
        """Send what is new; the verdict of the step that failed, None if none did."""
        for step in steps(station, copy, wanted):
            outcome = await self._northbound.execute(step)
            if not outcome.accepted:
                return outcome.verdict
        return None


def usable(held: LocalList, enabled: bool, master: str) -> Entries:  # noqa: FBT001 a part of the rules
    """The entries that a 1.x station can hold: not those that are for some EVSEs only, nor master passes."""
    if not enabled:
        return {}
    found: Entries = {}
    # A 1.x station knows identifiers without their types: of tokens that differ by type only, the card is what it reads.
    for token, authorization in sorted(held.entries.values(), key=lambda entry: entry[0].type in _CARDS):
        if (
            token.type not in _NOT_READ
            and not authorization.evses
            and (not master or authorization.group is None or authorization.group.key != master)
        ):
            found[token.key] = (token, authorization)
    return found


def steps(station: str, copy: Copy | None, wanted: Entries) -> Iterator[SendLocalList]:
    """The messages that make ``wanted`` of what a station holds; a full list first where that is not known."""
    entries = _differences(copy.entries if copy else {}, wanted)
    before = copy.version if copy else 0
    starts = range(0, len(entries), CHUNK) if entries or copy else range(1)
    for number, start in enumerate(starts, 1):
        yield SendLocalList(
            station=station,
            version=before + number,
            full=copy is None and number == 1,
            entries=entries[start : start + CHUNK],
        )


def _differences(
    old: Mapping[str, tuple[Token, Authorization]], new: Mapping[str, tuple[Token, Authorization]]
) -> tuple[LocalListEntry, ...]:
    gone = [LocalListEntry(token=token, authorization=None) for key, (token, _) in old.items() if key not in new]
    come = [
        LocalListEntry(token=token, authorization=authorization)
        for key, (token, authorization) in new.items()
        if old.get(key) != (token, authorization)
    ]
    return (*gone, *come)
