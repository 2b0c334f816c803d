"""Protocols of tests on the box's disk: each as JSON for programs and as one HTML page for people, the last hundred."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from gateway.locale import Catalogue
    from gateway.model.trial import Check, Verdict

FOLDER = "protocols"
KEPT = 100

_STYLE = (
    "body{font:16px sans-serif;max-width:50em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #888;padding:.3em .6em;text-align:left}.failed{color:#b00020}.passed{color:#006400}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What was tested, and what was found. Nothing secret is in it.

    Attributes:
        kind: ``sensor``, ``relay``, ``meter`` or ``limit``.
        subject: What was tested, as people call it.
        station: Whose; "" where it is of all.
        evse: Of the station, 0 for none.
        at: When, UTC.
        box: Its name.
        by: Who tested, as said on the command line.
        version: Of the software.
        result: Of the whole test.
        checks: Each thing that was looked at.
        measured: Names and values that were seen.
        inspection: Component whose inspection was noted, "" for none.
    """

    kind: str
    subject: str
    station: str
    evse: int
    at: datetime
    box: str
    by: str
    version: str
    result: Verdict
    checks: tuple[Check, ...]
    measured: tuple[tuple[str, str], ...] = ()
    inspection: str = ""


def write(data_dir: Path, protocol: Protocol, words: Catalogue) -> Path:
    """Write both files, whole or not at all, and take away what is older than the last hundred.

    Returns:
        The HTML file.

    Raises:
        OSError: the disk does not take them.
    """
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    subject = re.sub(r"[^A-Za-z0-9_-]+", "_", protocol.subject)[:60]
    name = f"{protocol.at:%Y%m%dT%H%M%S}{protocol.at.microsecond // 1000:03}Z-{protocol.kind}-{subject}"
    _put(folder / f"{name}.json", json.dumps(document(protocol), ensure_ascii=False, indent=1))
    _put(folder / f"{name}.html", page(protocol, words))
    for old in sorted(folder.glob("*.json"))[:-KEPT]:
        old.unlink()
        old.with_suffix(".html").unlink(missing_ok=True)
    return folder / f"{name}.html"


def read(data_dir: Path, station: str, since: datetime | None = None, until: datetime | None = None) -> list[Any]:
    """The protocols of a station, and those that are of all stations, the oldest first."""
    found = []
    for file in sorted((data_dir / FOLDER).glob("*.json")):
        try:
            protocol = json.loads(file.read_text("utf-8"))
            at = protocol["at"]
        except (OSError, ValueError, KeyError, TypeError):  # taken away meanwhile, or not ours
            continue
        inside = (since is None or at >= since.isoformat()) and (until is None or at <= until.isoformat())
        if protocol.get("station") in {"", station} and inside:
            found.append(protocol)
    return found


def document(protocol: Protocol) -> dict[str, Any]:
    """The protocol as JSON."""
    return asdict(protocol) | {"at": protocol.at.isoformat(), "measured": dict(protocol.measured)}


def page(protocol: Protocol, words: Catalogue) -> str:
    """One HTML page that needs nothing else."""
    title = escape(f"{words.word(f'trial-{protocol.kind}')}: {protocol.subject}")
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n<table>\n"
        + "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>\n" for name, value in _facts(protocol, words)
        )
        + f'</table>\n<h2 class="{protocol.result}">{escape(words.word(f"trial-{protocol.result}"))}</h2>\n<table>\n<tr>'
        + "".join(f"<th>{escape(words.word(f'trial-{key}'))}</th>" for key in ("check", "found", "expected", "verdict"))
        + "</tr>\n"
        + "".join(_row(check, words) for check in protocol.checks)
        + "</table>\n<table>\n"
        + "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>\n" for name, value in protocol.measured)
        + "</table>\n</body></html>\n"
    )


def _facts(protocol: Protocol, words: Catalogue) -> Iterator[tuple[str, str]]:
    yield words.word("trial-at"), f"{protocol.at:%Y-%m-%d %H:%M:%S} UTC"
    yield words.word("trial-box"), f"{protocol.box} (Stationlift {protocol.version})"
    if protocol.station:
        place = f"{protocol.station} / {protocol.evse}" if protocol.evse else protocol.station
        yield words.word("trial-station"), place
    if protocol.by:
        yield words.word("trial-by"), protocol.by
    if protocol.inspection:
        yield words.word("trial-inspected"), protocol.inspection


def _row(check: Check, words: Catalogue) -> str:
    cells = (words.word(f"trial-check-{check.name}"), check.found, check.expected)
    verdict = escape(words.word(f"trial-{check.verdict}"))
    inside = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr>{inside}<td class="{check.verdict}">{verdict}</td></tr>\n'


def _put(file: Path, text: str) -> None:
    fresh = file.with_suffix(file.suffix + ".new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(0o600)
    fresh.replace(file)
