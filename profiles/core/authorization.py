"""Who may charge: cache, backend, and what holds while the backend is away (OCPP 2.0.1 Part 2, C)."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.model.tokens import Authorization, AuthorizationStatus, TokenType
from profiles.common.asking import ask, remote_disabled
from profiles.common.stopping import stops
from profiles.common.tokens import CACHE, RULES, learn
from profiles.common.wire import flag

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Backend, Json, Northbound
    from gateway.model.device import DeviceModel
    from gateway.model.ids import Place
    from gateway.model.tokens import Token

_ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
_UNKNOWN = Authorization(status=AuthorizationStatus.UNKNOWN)


class Authorizer:
    """Decides on tokens that a station asks about."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend

    async def authorize(self, place: Place, token: Token, patience: float) -> Authorization:
        """The backend's word where it can be had within ``patience`` seconds, else the box's own rules (C10 to C13)."""
        station = place.station
        device = self._northbound.device(station)
        if token.type is TokenType.NO_AUTHORIZATION or not flag(device, RULES, "Enabled", absent=True):
            return _ACCEPTED
        entry = await self._entry(station, token)
        known = self._now_of(device, *entry) if entry else None
        # A token that was made here for once is asked about each time (C06.FR.02).
        made_here = token.type is TokenType.LOCAL and not remote_disabled(device)
        if entry and known and not made_here and _final(device, entry[1], known):
            return await self._used(station, token, known)
        if known and await stops(self._northbound, place, token, known):
            return known  # E07.FR.01
        if entry and entry[1].token is not None:
            token = entry[1].token
        answer = await ask(self._northbound, self._backend, station, token, patience)
        if answer is not None:
            return answer
        alone = not self._backend.accepted(station)
        if known is not None and (device.boolean(RULES, "LocalAuthorizeOffline") or not alone):
            return await self._used(station, token, known)
        allowed = known is None and device.boolean(RULES, "OfflineTxForUnknownIdEnabled")
        return _ACCEPTED if allowed and (alone or not remote_disabled(device)) else _UNKNOWN

    async def learn(self, station: str, token: Token, info: Json) -> Authorization:
        """Take what the backend says of a token into the cache (C10.FR.04, C10.FR.05); Central ones not (C05.FR.02)."""
        return await learn(self._northbound, station, token, info)

    async def _used(self, station: str, token: Token, known: Authorization) -> Authorization:
        """An entry of the cache that lets somebody charge is used, by which it is to stay longer (LRU, LFU)."""
        if known.accepted:
            with contextlib.suppress(GatewayError):  # the store tells of its own failure
                await self._northbound.tokens.use(station, token)
        return known

    async def _entry(self, station: str, token: Token) -> tuple[datetime, Authorization] | None:
        """What the cache has of a token, and since when."""
        if not self._northbound.device(station).boolean(CACHE, "Enabled"):
            return None
        with contextlib.suppress(GatewayError):  # without its storage the box still has the backend to ask
            return await self._northbound.tokens.recall(station, token)
        return None

    def _now_of(self, device: DeviceModel, learnt_at: datetime, authorization: Authorization) -> Authorization:
        """The cache's word; an entry past its time is Expired (C10.FR.08, C10.FR.10, C10.FR.13)."""
        expiry = authorization.expires_at
        life = device.integer(CACHE, "LifeTime")
        if expiry is None and life > 0:
            expiry = learnt_at + timedelta(seconds=life)
        if expiry is not None and expiry <= self._northbound.now():
            return replace(authorization, status=AuthorizationStatus.EXPIRED)
        return authorization


def _final(device: DeviceModel, entry: Authorization, known: Authorization) -> bool:
    """Tell whether the cache decides although the backend could be asked.

    What was refused once may be so for good (DisablePostAuthorize); what was good and is too old is asked about.
    """
    if known.accepted:
        return device.boolean(RULES, "LocalPreAuthorize") or remote_disabled(device)
    return remote_disabled(device) or (not entry.accepted and device.boolean(CACHE, "DisablePostAuthorize"))
