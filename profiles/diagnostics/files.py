"""The files that the box itself can give: its security log of a station, and what it knows and has logged of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from profiles.diagnostics.scrub import plain, scrubber, tokens_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gateway.contracts import Json
    from gateway.model.station import StationState
    from gateway.model.tokens import Token
    from profiles.diagnostics.journal import Entry


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that is to be uploaded."""

    name: str
    content: bytes


def name_of(station: str, kind: str, at: datetime, ending: str) -> str:
    """A file name that every file system takes; ``at`` in UTC."""
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', station)}-{kind}-{at:%Y%m%dT%H%M%SZ}.{ending}"


def security_log(content: bytes, start: datetime | None, stop: datetime | None) -> bytes:
    """The lines of a security log (``gateway.contracts.SecurityLog``) from ``start`` to ``stop``, scrubbed."""
    scrubbed = scrubber()
    lines = (json.dumps(_scrubbed(line, scrubbed), ensure_ascii=False) for line in _lines(content, start, stop))
    return "".join(f"{line}\n" for line in lines).encode()


def diagnostics(
    state: StationState,
    entries: Iterable[Entry],
    at: datetime,
    version: str,
    tokens: Iterable[Token] = (),
    protocols: Iterable[Json] = (),
) -> bytes:
    """A report in JSON: what the box knows of a station, and the last that it has logged of it.

    Args:
        state: Of the station.
        entries: Of the box's journal.
        at: The time now.
        version: Of the box's software.
        tokens: More tokens than those of the state, which are masked, too.
        protocols: Of tests by technicians.
    """
    scrubbed = scrubber({*tokens, *tokens_in(state)})
    report: Json = {
        "madeAt": at.isoformat(),
        "software": version,
        "station": plain(state, scrubbed),
        "protocols": [plain(each, scrubbed) for each in protocols],
        "log": [
            {"at": each.at.isoformat(), "level": each.level, "source": each.source, "text": scrubbed(each.text)}
            for each in entries
        ],
    }
    return json.dumps(report, ensure_ascii=False, indent=1).encode()


def _lines(content: bytes, start: datetime | None, stop: datetime | None) -> Iterator[Json]:
    for text in content.decode("utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
            at = datetime.fromisoformat(line["timestamp"])
        except (ValueError, KeyError, TypeError):  # the power may go in the middle of a line
            continue
        if (start is None or at >= start) and (stop is None or at <= stop):
            yield line


def _scrubbed(line: Json, scrubbed: Callable[[str], str]) -> Json:
    return {name: scrubbed(value) if isinstance(value, str) else value for name, value in line.items()}
