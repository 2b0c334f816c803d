"""Who may charge: cache, backend, and what holds while the backend is away (OCPP 2.0.1 Part 2, C)."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.model.tokens import Authorization, AuthorizationStatus
from profiles.common.tokens import CACHE, RULES, id_token, learn

if TYPE_CHECKING:
    from gateway.contracts import Backend, Json, Northbound
    from gateway.model.ids import Place
    from gateway.model.tokens import Token


class Authorizer:
    """Decides on tokens that a station asks about."""

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend

    async def authorize(self, place: Place, token: Token, patience: float) -> Authorization:
        """The backend's word where it can be had within ``patience`` seconds, else the box's own rules (C10 to C13)."""
        device = self._northbound.device(place.station)
        cached = await self._cached(place.station, token)
        trusted = cached is not None and cached.accepted and device.boolean(RULES, "LocalPreAuthorize")
        if trusted and cached is not None:
            return await self._used(place.station, token, cached)
        if patience > 0 and self._backend.accepted(place.station):
            asked: Json = {"idToken": id_token(token)}
            answer = await self._backend.ask(place.station, "Authorize", asked, patience=patience)
            if answer is not None:
                return await self.learn(place.station, token, answer["idTokenInfo"])
        if cached is not None and device.boolean(RULES, "LocalAuthorizeOffline"):
            return await self._used(place.station, token, cached)
        allowed = cached is None and device.boolean(RULES, "OfflineTxForUnknownIdEnabled")
        return Authorization(status=AuthorizationStatus.ACCEPTED if allowed else AuthorizationStatus.UNKNOWN)

    async def _used(self, station: str, token: Token, cached: Authorization) -> Authorization:
        """An entry of the cache that is used lives from now on (C10.FR.08)."""
        if cached.accepted:
            with contextlib.suppress(GatewayError):  # the store tells of its own failure
                await self._northbound.tokens.remember(station, token, cached)
        return cached

    async def learn(self, station: str, token: Token, info: Json) -> Authorization:
        """Take what the backend says of a token into the cache (C10.FR.04, C10.FR.05); Central ones not (C05.FR.02)."""
        return await learn(self._northbound, station, token, info)

    async def _cached(self, station: str, token: Token) -> Authorization | None:
        """The cache's word; an entry past its time is Expired (C10.FR.08, C10.FR.10, C10.FR.13)."""
        device = self._northbound.device(station)
        found = None
        if device.boolean(CACHE, "Enabled"):
            with contextlib.suppress(GatewayError):  # without its storage the box still has the backend to ask
                found = await self._northbound.tokens.recall(station, token)
        if found is None:
            return None
        learnt_at, authorization = found
        expiry = authorization.expires_at
        life = device.integer(CACHE, "LifeTime")
        if expiry is None and life > 0:
            expiry = learnt_at + timedelta(seconds=life)
        if expiry is not None and expiry <= self._northbound.now():
            return replace(authorization, status=AuthorizationStatus.EXPIRED)
        return authorization
