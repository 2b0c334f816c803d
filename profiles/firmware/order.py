"""An update that the box leads: what the CSMS has asked for, and what the box adds to it. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from yarl import URL

_NAME_LENGTH = 64
_ODD = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An update.

    Attributes:
        request_id: Of the UpdateFirmwareRequest.
        location: URL of the file; there may be a password in it.
        retrieve_at: Not to be fetched before.
        install_at: Not to be installed before; None: as soon as it can be.
        certificate: PEM, "" where the firmware is not signed.
        signature: Base64, "" where it is not.
        retries: Further attempts after the first.
        interval: Seconds between them.
        secret: Part of the URL at which the station gets the file.
        asked_at: When the station was told to install it; None: not yet.
        taken: Whether it has said that it will.
    """

    request_id: int
    location: str = field(repr=False)
    retrieve_at: datetime
    install_at: datetime | None
    certificate: str
    signature: str
    retries: int
    interval: int
    secret: str = field(repr=False)
    asked_at: datetime | None = None
    taken: bool = False

    @property
    def signed(self) -> bool:
        """True where somebody has to verify it."""
        return bool(self.signature)

    @property
    def file_name(self) -> str:
        """The file's own name, as every file system and every URL takes it: some stations tell by it what it is."""
        name = _ODD.sub("_", PurePosixPath(URL(self.location).path).name).lstrip(".")
        return name[-_NAME_LENGTH:].lstrip(".") or "firmware.bin"

    def text(self) -> str:
        """The form that is kept."""
        return json.dumps(asdict(self), default=datetime.isoformat)


def kept_order(text: str) -> Order | None:
    """The order that ``Order.text`` wrote; None for anything else."""
    try:
        fields = json.loads(text)
        times = {name: _time(fields[name]) for name in ("install_at", "asked_at")}
        return Order(**{**fields, **times, "retrieve_at": datetime.fromisoformat(fields["retrieve_at"])})
    except (ValueError, TypeError, KeyError):
        return None


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
