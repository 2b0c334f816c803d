"""Findings as a reader sees them: a frame around the source line, or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.config.findings import Finding
    from gateway.locale import Catalogue

# The value of a key that ends in "password" or the like: a report is passed on, so its source lines must not tell it.
_SECRET = re.compile(
    r"""(?<![\w-])"?[\w-]*(?:password|passphrase|secret|token|credentials)"?\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^,}]+)""",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"://(?P<value>[^/\s\"'@]+)@")
_MIN_GUTTER = 3


def render_text(findings: Sequence[Finding], source: str, catalogue: Catalogue) -> str:
    """Frames in the order given, separated by blank lines."""
    lines = _lines(source)
    return "\n\n".join(
        "\n".join(_frame(each, lines if each.text is None else _lines(each.text), catalogue)) for each in findings
    )


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _frame(finding: Finding, lines: list[str], catalogue: Catalogue) -> Iterator[str]:
    text = catalogue.text(finding.code, finding.params)
    yield f"{catalogue.word(finding.severity)}[{finding.code}]: {text.message}"
    if finding.span is None:
        yield f"  --> {finding.file}"
        gutter = _MIN_GUTTER
    else:
        span = finding.span
        gutter = max(_MIN_GUTTER, len(str(span.line)))
        yield f"{' ' * (gutter - 1)}--> {finding.file}:{span.line}:{span.column}"
        line = masked(lines[span.line - 1]) if span.line <= len(lines) else ""
        # Tabs stay tabs under the source line, so that the carets stand below what they mean.
        indent = "".join("\t" if sign == "\t" else " " for sign in line[: span.column - 1])
        carets = "^" * max(1, min(span.length, len(line) - span.column + 1))
        label = " " + catalogue.word("did-you-mean", word=finding.suggestion) if finding.suggestion else ""
        yield f"{' ' * gutter}|"
        yield f"{span.line:>{gutter}}| {line}"
        yield f"{' ' * gutter}| {indent}{carets}{label}"
    if text.remedy:
        yield f"{' ' * gutter}= {catalogue.word('help')}: {text.remedy}"


def masked(line: str) -> str:
    """A source line with each password in it replaced by as many stars."""
    for pattern in (_SECRET, _CREDENTIALS):
        for match in reversed(list(pattern.finditer(line))):
            start, end = match.span("value")
            line = line[:start] + "*" * (end - start) + line[end:]
    return line


def render_json(findings: Sequence[Finding], catalogue: Catalogue) -> str:
    """A JSON array with one object per finding."""
    return orjson.dumps([_object(each, catalogue) for each in findings], option=orjson.OPT_INDENT_2).decode()


def _object(finding: Finding, catalogue: Catalogue) -> dict[str, object]:
    text = catalogue.text(finding.code, finding.params)
    span = finding.span
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": str(finding.file),
        "line": span.line if span else None,
        "column": span.column if span else None,
        "length": span.length if span else None,
        "path": list(finding.path),
        "message": text.message,
        "remedy": text.remedy,
        "suggestion": finding.suggestion,
    }
