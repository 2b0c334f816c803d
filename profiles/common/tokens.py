"""Tokens in OCPP 2.0.1's JSON, and what the backend says of them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.contracts import CallRefused
from gateway.model.device import VariableRef
from gateway.model.errors import GatewayError
from gateway.model.tokens import (
    AdditionalInfo,
    Authorization,
    AuthorizationStatus,
    CachePolicy,
    PersonalMessage,
    Token,
    TokenType,
)
from profiles.common.wire import flag, moment

if TYPE_CHECKING:
    from gateway.contracts import Json, Northbound

TOKEN_LENGTH = 36

ADDITIONAL_ITEMS = 8
"""Of additional information with a token (AuthCtrlr.AdditionalInfoItemsPerMessage)."""

TEXT_FORMATS = ("ASCII", "UTF8")
"""MessageFormatEnumType, as far as the box's page shows it: what a backend calls HTML is none of the page's."""

CACHE = "AuthCacheCtrlr"
RULES = "AuthCtrlr"
_EXPIRY = "cacheExpiryDateTime"
_NOT_CACHED = {TokenType.CENTRAL, TokenType.NO_AUTHORIZATION}


def id_token(token: Token) -> Json:
    """IdTokenType (Part 2, 2.29)."""
    wire: Json = {"idToken": token.value[:TOKEN_LENGTH], "type": token.type.value}
    if token.additional:
        wire["additionalInfo"] = [{"additionalIdToken": each.value, "type": each.type} for each in token.additional]
    return wire


def token_from(wire: Json) -> Token:
    """The token in an IdTokenType that the backend sends.

    Raises:
        CallRefused: there is more additional information than the box keeps.
    """
    items = wire.get("additionalInfo", ())
    if len(items) > ADDITIONAL_ITEMS:
        raise CallRefused("OccurrenceConstraintViolation", items=len(items), limit=ADDITIONAL_ITEMS)
    return Token(
        value=wire["idToken"],
        type=TokenType(wire["type"]),
        additional=tuple(AdditionalInfo(value=each["additionalIdToken"], type=each["type"]) for each in items),
    )


def authorization_from(info: Json) -> Authorization:
    """IdTokenInfoType (Part 2, 2.30) as far as a station can use it.

    Raises:
        CallRefused: its time is none.
    """
    group = info.get("groupIdToken")
    return Authorization(
        status=AuthorizationStatus(info["status"]),
        group=Token(value=group["idToken"], type=TokenType(group["type"])) if group else None,
        expires_at=moment(info.get(_EXPIRY)),
        evses=tuple(info.get("evseId", ())),
        message=personal_message(info.get("personalMessage")),
        priority=info.get("chargingPriority", 0),
        languages=tuple(info[name] for name in ("language1", "language2") if info.get(name)),
    )


def personal_message(content: Json | None) -> PersonalMessage | None:
    """The text of a MessageContentType (Part 2, 2.30); None where there is none, or none that the box can show."""
    if content is None or content["format"] not in TEXT_FORMATS or not content["content"].strip():
        return None
    return PersonalMessage(text=content["content"], language=content.get("language", ""))


async def learn(northbound: Northbound, station: str, token: Token, info: Json) -> Authorization:
    """Take what the backend says of a token into the cache (C10.FR.04, C10.FR.05).

    Not of Central ones (C05.FR.02), and not of a session that needs no token (C02.FR.03).
    """
    try:
        authorization = authorization_from(info)
    except CallRefused:
        # This is an answer, which cannot be refused: it would only be asked for again. What it says without the time holds.
        authorization = authorization_from({**info, _EXPIRY: None})
    if token.type not in _NOT_CACHED and flag(northbound.device(station), CACHE, "Enabled"):
        # A tariff of today is none of tomorrow: without the backend the fallback message takes its place (I04).
        lasting, device = replace(authorization, message=None), northbound.device(station)
        over = authorization.expires_at is not None and authorization.expires_at <= northbound.now()
        # The backend's word holds, whether or not it can be kept; the store tells of its own failure.
        with contextlib.suppress(GatewayError):
            if over:  # the backend does not want it to be kept (errata of C10.FR.13)
                await northbound.tokens.forget(station, token)
            else:
                policy = CachePolicy(device.value(VariableRef(component=CACHE, variable="Policy")))
                await northbound.tokens.remember(station, token, lasting, policy)
    return authorization
