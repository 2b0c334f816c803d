"""Messages as lines: what the old station says on the left, what the backend hears on the right."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, TextIO

from lxml import etree

CALL, CALLRESULT = 2, 3
BOLD, DIM, CYAN, GREEN, RESET = "\033[1m", "\033[2m", "\033[36m", "\033[32m", "\033[0m"

_QUIET = {"heartbeatResponse", "statusNotificationResponse", "meterValuesResponse"}
"""Answers that say nothing."""


@dataclass(slots=True, kw_only=True)
class Screen:
    """Writes to a terminal, or plainly to anything else."""

    full: bool
    stream: TextIO
    colour: bool

    @classmethod
    def on_stdout(cls, *, full: bool) -> Screen:
        """The screen of a command."""
        return cls(full=full, stream=sys.stdout, colour=sys.stdout.isatty())

    def title(self, text: str) -> None:
        """What happens next in the world outside."""
        print(f"\n{self._in(BOLD, '# ' + text)}", file=self.stream, flush=True)

    def text(self, text: str) -> None:
        """A plain line."""
        print(text, file=self.stream, flush=True)

    def soap(self, direction: str, operation: str, xml: bytes) -> None:
        """One envelope, as the station sees its direction."""
        if operation in _QUIET and not self.full:
            return
        arrow = "station ──▶ box   " if direction == "out" else "station ◀── box   "
        self._line(CYAN, f"{arrow}1.5-S   {operation} {_fields(xml)}", xml.decode("utf-8", "replace"))

    def json(self, direction: str, _station: str, text: str) -> None:
        """One OCPP-J frame, as the backend sees its direction."""
        frame = json.loads(text)
        arrow = "          box ──▶ backend" if direction == "in" else "          box ◀── backend"
        if frame[0] == CALL:
            self._line(GREEN, f"{arrow}   2.0.1 {frame[2]} {_brief(frame[3])}", text)
        elif self.full or frame[-1]:
            self._line(GREEN, f"{arrow}   2.0.1 answer {_brief(frame[-1])}", text)

    def _line(self, colour: str, brief: str, wire: str) -> None:
        print(self._in(colour, brief), file=self.stream, flush=True)
        if self.full:
            print(self._in(DIM, "    " + wire.strip().replace("\n", "\n    ")), file=self.stream, flush=True)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{RESET}" if self.colour else text


def _fields(xml: bytes) -> str:
    """The leaves of an envelope's body, with their names."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    leaves = [e for e in root.iter() if isinstance(e.tag, str) and len(e) == 0 and (e.text or "").strip()]
    body = [e for e in leaves if any(a.tag.endswith("}Body") for a in e.iterancestors())]
    return " ".join(f"{etree.QName(e).localname}={(e.text or '').strip()}" for e in body)


def _brief(payload: Any, depth: int = 0) -> str:  # noqa: ANN401 JSON
    """JSON on one line, without quotation marks and braces at the top."""
    if isinstance(payload, dict):
        inner = " ".join(f"{key}={_brief(value, depth + 1)}" for key, value in payload.items())
        return f"{{{inner}}}" if depth else inner
    if isinstance(payload, list):
        return "[" + ", ".join(_brief(value, depth + 1) for value in payload) + "]"
    return str(payload)
