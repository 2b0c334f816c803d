"""Field types of the site file, shared by the gateway's own sections and by the sections of adapters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

MAX_PORT = 65535
# OCPP 2.0.1 part 2, 2.1.4: identifierString; without the colon, which basic authentication cannot carry (A00.FR.204).
IDENTITY = re.compile(r"[A-Za-z0-9*\-_=+|@.]+")
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that is not wrong, but that a technician should know: a note of ``stationlift check``.

    Attributes:
        code: Key of the text in the catalogue.
        path: Key path inside the table that the remark is on.
        params: Values that the text names.
        point: Of a sensor: it only matters where this point of it is used; "": it always does.
    """

    code: str
    path: tuple[str | int, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    point: str = ""


class Section(BaseModel):
    """A table of the site file: every key is known, of its exact type, and never changes after load."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    def remarks(self) -> Iterable[Remark]:
        """What a technician should know of this table, though it is right."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the validators of one file need from outside: where it lies, and how to look at a file that it names.

    Attributes:
        base: Folder that relative paths start from.
        probe: Gives the code of what is wrong with a named file, or None; None instead of a function looks at nothing.
        language: Of the texts that the box shows.
    """

    base: Path
    probe: Callable[[Path], str | None] | None = None
    language: Literal["en", "de"] = "en"


@dataclass(frozen=True, slots=True)
class HostPort:
    """An address to listen on or to call, written `host:port` (IPv6: `[::]:port`)."""

    host: str
    port: int

    @override
    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, value: object) -> HostPort:
        """Read `host:port`; anything else is the error `not-host-port`."""
        if isinstance(value, HostPort):
            return value
        match = _HOST_PORT.fullmatch(value) if isinstance(value, str) else None
        if match is None or not 0 < int(match["port"]) <= MAX_PORT:
            raise PydanticCustomError("not-host-port", "not host:port", {"value": str(value)})
        return cls(match["host"].strip("[]"), int(match["port"]))


def _url(value: str, schemes: tuple[str, ...]) -> SplitResult:
    expected = " / ".join(f"{scheme}://" for scheme in schemes)
    wrong = PydanticCustomError("not-url", "not a URL", {"value": value, "expected": expected})
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise wrong from error
    if parts.username is not None or parts.password is not None:
        # The value is not repeated here: it holds a password.
        raise PydanticCustomError("url-credentials", "password inside a URL")
    if parts.scheme not in schemes or not parts.hostname or port == 0 or any(sign.isspace() for sign in value):
        raise wrong
    return parts


def _http_url(value: str) -> str:
    _url(value, ("http", "https"))
    return value


def _ws_url(value: str) -> str:
    parts = _url(value, ("ws", "wss"))
    if parts.query or parts.fragment:
        raise PydanticCustomError("url-query", "query in a backend URL", {"value": value})
    return value.rstrip("/")


def _identity(value: str) -> str:
    if IDENTITY.fullmatch(value) is None:
        wrong = sorted(set(re.sub(IDENTITY, "", value)))
        raise PydanticCustomError("identity-characters", "bad identity", {"value": value, "wrong": " ".join(wrong)})
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise PydanticCustomError("unknown-time-zone", "unknown time zone", {"value": value}) from error
    except KeyError as error:
        code = "unknown-time-zone" if available_timezones() else "no-time-zones"
        raise PydanticCustomError(code, "unknown time zone", {"value": value}) from error
    return value


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError as error:
        raise PydanticCustomError("not-network", "not a network", {"value": value, "reason": str(error)}) from error
    return value


def _http_path(value: str) -> str:
    if not value.startswith("/") or any(sign in value for sign in "?# \t"):
        raise PydanticCustomError("not-path", "not a path", {"value": value})
    return value


def _path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    if not value or "\0" in value:
        raise PydanticCustomError("not-file-name", "not a file name", {"value": value})
    around = info.context if isinstance(info.context, Surroundings) else None
    return around.base / value if around else Path(value)


def _file(path: Path, info: ValidationInfo) -> Path:
    around = info.context if isinstance(info.context, Surroundings) else None
    problem = around.probe(path) if around and around.probe else None
    if problem == "file-missing":
        raise PydanticCustomError("file-missing", "missing file", {"value": str(path)})
    if problem is not None:
        raise PydanticCustomError("file-unreadable", "unreadable file", {"value": str(path)})
    return path


@dataclass(frozen=True, slots=True)
class SecretFile:
    """Mark of a path whose file must be readable by its owner only."""


@dataclass(frozen=True, slots=True)
class Unique:
    """Mark of a text that no two stations of one adapter may share, whatever its capitals."""


Many = Annotated[tuple[T, ...], Strict(strict=False)]
"""A TOML array, kept as a tuple."""

Listen = Annotated[
    HostPort,
    PlainValidator(HostPort.parse),
    WithJsonSchema({"type": "string", "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+):[0-9]{1,5}$"}),
]
"""An address to listen on, `host:port`."""

HttpUrl = Annotated[str, AfterValidator(_http_url), Field(json_schema_extra={"pattern": "^https?://"})]
WsUrl = Annotated[str, AfterValidator(_ws_url), Field(json_schema_extra={"pattern": "^wss?://"})]
"""WebSocket URL; a trailing slash is dropped."""

HttpPath = Annotated[str, AfterValidator(_http_path), Field(json_schema_extra={"pattern": "^/"})]
Network = Annotated[str, AfterValidator(_network)]
"""IP network in CIDR notation."""

OcppIdentity = Annotated[
    str,
    Field(min_length=1, max_length=48, json_schema_extra={"pattern": f"^{IDENTITY.pattern}$"}),
    AfterValidator(_identity),
]
"""Identity of a charging station at its backend (OCPP 2.0.1 part 2, SecurityCtrlr.Identity)."""

TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""Name in the IANA time zone database."""

Name = Annotated[str, Field(min_length=1, max_length=50)]
Amperes = Annotated[float, Field(gt=0, le=3000, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=1, le=MAX_PORT)]
Secret = SecretStr
"""Text that no report, log or support file shows."""

AnyPath = Annotated[Path, BeforeValidator(_path), WithJsonSchema({"type": "string"})]
"""A path relative to the site file; it need not exist."""

FilePath = Annotated[Path, BeforeValidator(_path), AfterValidator(_file), WithJsonSchema({"type": "string"})]
"""A file that must exist, relative to the site file."""

SecretFilePath = Annotated[FilePath, SecretFile()]
"""As FilePath, for a file with a password or a private key."""
