"""Tokens that drivers present, and what the backend says of them."""

from __future__ import annotations

from dataclasses import dataclass
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
class Token:
    """An identifier token; compared without regard to case (OCPP 2.0.1 identifierString)."""

    value: str
    type: TokenType = TokenType.ISO14443

    @property
    def key(self) -> str:
        """What two equal tokens have in common."""
        return self.value.casefold()

    def same_as(self, other: Token | None) -> bool:
        """Tell whether both are the same token; the type is a guess southbound, so it does not count."""
        return other is not None and self.key == other.key


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalMessage:
    """A text for a driver, such as the tariff; ``language`` as of RFC 5646, "" if that is not known."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What is known of a token: IdTokenInfoType, as far as a station can use it."""

    status: AuthorizationStatus
    group: Token | None = None
    expires_at: datetime | None = None
    evses: tuple[int, ...] = ()
    message: PersonalMessage | None = None

    @property
    def accepted(self) -> bool:
        """True where the driver may charge."""
        return self.status is AuthorizationStatus.ACCEPTED
