"""The charging profiles of each station, and what goes with them, kept over restarts (K01.FR.27)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.charging import profile_from_json
from gateway.model.limits.allowances import Allowances
from profiles.smart_charging.precedence import Precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.contracts import Json, Shelf
    from gateway.model.charging import ChargingProfile

_PROFILE, _START, _READY, _PRECEDENCE = "profile/", "start/", "ready", "precedence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A charging profile at an EVSE (0: the station), as the backend has sent it (``wire``)."""

    evse: int
    profile: ChargingProfile
    wire: Json

    @classmethod
    def of(cls, evse: int, wire: Json) -> Installed:
        """From a ChargingProfileType.

        Raises:
            ValueError: one of its times is none.
        """
        return cls(evse=evse, profile=profile_from_json(wire), wire=wire)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The charging profile of a remote start that has not begun yet; given up at ``expires_at``."""

    remote_start_id: int
    installed: Installed
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All that is kept of a station.

    Attributes:
        installed: Charging profiles, by id.
        starts: Profiles of starts to come, by remoteStartId.
        ready: When the EVSE of a transaction was ready to deliver energy, by the transaction's id.
        precedence: Which transactions come first, by their ids; those that nothing was said of left out.
    """

    installed: Mapping[int, Installed] = field(default_factory=dict)
    starts: Mapping[int, Start] = field(default_factory=dict)
    ready: Mapping[str, datetime] = field(default_factory=dict)
    precedence: Mapping[str, Precedence] = field(default_factory=dict)

    def allowances(self, *, counting: bool) -> Allowances:
        """What of it decides the limits of the station; ``counting`` False: its charging profiles do not."""
        profiles: defaultdict[int, tuple[ChargingProfile, ...]] = defaultdict(tuple)
        for each in self.installed.values() if counting else ():
            profiles[each.evse] += (each.profile,)
        priorities = {id_: each.priority for id_, each in self.precedence.items()}
        return Allowances(profiles=dict(profiles), ready=self.ready, priorities=priorities)


class Book:
    """Reads each station's holdings once, and writes what changes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._held: dict[str, Holdings] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, station: str) -> Holdings:
        """What is kept of a station."""
        async with self._locks[station]:
            return await self._load(station)

    async def change(self, station: str, rule: Callable[[Holdings], Holdings]) -> Holdings:
        """Change what is kept, alone; durable when it returns.

        Raises:
            GatewayError: ``storage-failed``; nothing has changed.
        """
        async with self._locks[station]:
            old = await self._load(station)
            new = rule(old)
            before, after = _documents(old), _documents(new)
            changes = {
                name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)
            }
            if changes:
                await self._shelf.keep(station, changes)
            self._held[station] = new
            return new

    async def _load(self, station: str) -> Holdings:
        if station not in self._held:
            self._held[station] = _holdings(await self._shelf.documents(station))
        return self._held[station]


def _documents(held: Holdings) -> dict[str, Json]:
    found: dict[str, Json] = {
        f"{_PROFILE}{id_}": {"evse": each.evse, "profile": each.wire} for id_, each in held.installed.items()
    }
    for id_, start in held.starts.items():
        found[f"{_START}{id_}"] = {
            "evse": start.installed.evse,
            "profile": start.installed.wire,
            "expires_at": start.expires_at.isoformat(),
        }
    if held.ready:
        found[_READY] = {transaction: at.isoformat() for transaction, at in held.ready.items()}
    if held.precedence:
        found[_PRECEDENCE] = {id_: {"token": each.token, "own": each.own} for id_, each in held.precedence.items()}
    return found


def _holdings(documents: Mapping[str, Json]) -> Holdings:
    installed: dict[int, Installed] = {}
    starts: dict[int, Start] = {}
    for name, document in documents.items():
        if name.startswith((_PROFILE, _START)):
            kept = Installed.of(document["evse"], document["profile"])
            if name.startswith(_PROFILE):
                installed[kept.profile.id] = kept
            else:
                id_ = int(name.removeprefix(_START))
                expires_at = datetime.fromisoformat(document["expires_at"])
                starts[id_] = Start(remote_start_id=id_, installed=kept, expires_at=expires_at)
    ready = {id_: datetime.fromisoformat(at) for id_, at in documents.get(_READY, {}).items()}
    precedence = {id_: Precedence(**each) for id_, each in documents.get(_PRECEDENCE, {}).items()}
    return Holdings(installed=installed, starts=starts, ready=ready, precedence=precedence)
