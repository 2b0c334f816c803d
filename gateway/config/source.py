"""Reading a site file from disk: bytes to text to TOML, with the first fault's place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import tomli

from gateway.config.findings import Finding, SiteInvalid
from gateway.config.positions import Positions, Span

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.findings import Problem

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that is valid TOML."""

    file: Path
    text: str
    data: dict[str, object]
    positions: Positions

    def finding(self, problem: Problem) -> Finding:
        """A problem with its place in the document."""
        position = self.positions.nearest(problem.path)
        return Finding(
            code=problem.code,
            severity=problem.severity,
            file=self.file,
            span=position.key if problem.on_key and position.key else position.value,
            path=problem.path,
            params=problem.params,
            suggestion=problem.suggestion,
        )


def read_source(file: Path) -> Source:
    """Read a TOML file.

    Raises:
        SiteInvalid: unreadable, not UTF-8, a byte order mark, or not TOML (tomli stops at the first such fault).
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        code = "site-missing" if isinstance(error, FileNotFoundError) else "site-unreadable"
        raise _invalid(file, code, None, "", value=str(file), reason=error.strerror or "") from error
    start = Span(line=1, column=1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _invalid(file, "not-utf8", start, "", byte=f"0x{raw[0]:02X}")
    if raw.startswith(_BOM):
        text = raw.removeprefix(_BOM).decode("utf-8", "replace")
        raise _invalid(file, "byte-order-mark", start, text)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        column = len(before) - before.rfind("\n")
        place = Span(line=before.count("\n") + 1, column=column)
        shown = raw.decode("utf-8", "replace")
        raise _invalid(file, "not-utf8", place, shown, byte=f"0x{raw[error.start]:02X}") from error
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        place = Span(line=error.lineno, column=error.colno)
        raise _invalid(file, "toml-syntax", place, text, reason=error.msg) from error
    return Source(file=file, text=text, data=data, positions=Positions(text))


def _invalid(file: Path, code: str, span: Span | None, text: str, **params: object) -> SiteInvalid:
    return SiteInvalid(file, (Finding(code=code, severity="error", file=file, span=span, params=params),), text)
