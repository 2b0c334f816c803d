"""Tokens that drivers present, and what the backend says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class TokenType(StrEnum):
    """IdTokenEnumType (OCPP 2.0.1 Part 2, 3.43)."""

    CENTRAL = "Central"
    EMAID = "eMAID"
    ISO14443 = "ISO14443"
    ISO15693 = "ISO15693"
    KEY_CODE = "KeyCode"
    LOCAL = "Local"
    MAC_ADDRESS = "MacAddress"
    NO_AUTHORIZATION = "NoAuthorization"


class CachePolicy(StrEnum):
    """Which entry of a full authorization cache makes room for a new one (AuthCacheCtrlr.Policy)."""

    LRU = "LRU"
    LFU = "LFU"
    FIFO = "FIFO"


_VICINITY = re.compile(r"E0[0-9A-Fa-f]{14}", re.IGNORECASE)


def type_of_card(uid: str) -> TokenType:
    """The type of a card by its UID: those of ISO 15693 have 8 bytes, the first of them E0; 4, 7 or 10 are ISO 14443."""
    return TokenType.ISO15693 if _VICINITY.fullmatch(uid) else TokenType.ISO14443


class AuthorizationStatus(StrEnum):
    """AuthorizationStatusEnumType (OCPP 2.0.1 Part 2, 3.3)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    CONCURRENT_TX = "ConcurrentTx"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    NO_CREDIT = "NoCredit"
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionalInfo:
    """Something else by which the backend can check a token (AdditionalInfoType, Part 2, 2.2); ``type`` is agreed on."""

    value: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An identifier token; compared without regard to case (OCPP 2.0.1 identifierString).

    Attributes:
        value: The identifier.
        type: Its type.
        guessed: The station has told the identifier only, and the type is what it looks like: it may be any.
        additional: What belongs to it besides; it does not count when tokens are compared (C01.FR.25).
    """

    value: str
    type: TokenType = TokenType.ISO14443
    guessed: bool = field(default=False, compare=False)
    additional: tuple[AdditionalInfo, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """What tokens of the same identifier have in common, whatever their types."""
        return self.value.casefold()

    @property
    def unique(self) -> str:
        """What two equal tokens have in common, and no others (C01.FR.25)."""
        return f"{self.type}/{self.key}"

    def same_as(self, other: Token | None) -> bool:
        """Tell whether both are the same token; a type that was guessed does not count."""
        if other is None or self.key != other.key:
            return False
        return self.type is other.type or self.guessed or other.guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalMessage:
    """A text for a driver, such as the tariff; ``language`` as of RFC 5646, "" if that is not known."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What is known of a token: IdTokenInfoType, as far as a station can use it.

    ``priority``: of its transactions where current has to be shared, -9 to 9; the higher comes first. ``languages`` are
    those in which the driver is to be addressed (RFC 5646), the better one first. ``token`` is the token as it was
    learnt, where that is more than what the driver has presented.
    """

    status: AuthorizationStatus
    group: Token | None = None
    expires_at: datetime | None = None
    evses: tuple[int, ...] = ()
    message: PersonalMessage | None = None
    priority: int = 0
    languages: tuple[str, ...] = ()
    token: Token | None = None

    @property
    def accepted(self) -> bool:
        """True where the driver may charge."""
        return self.status is AuthorizationStatus.ACCEPTED
