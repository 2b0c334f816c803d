"""What is wrong in a site file: a code, values and a place; the text is made by the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.config.positions import KeyPath, Span

Severity = Literal["error", "warning", "note"]
"""A note is to be known; nothing has to be done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A fault at a key path, before its line is known.

    Attributes:
        code: Key of the text in the catalogue.
        path: Key path in the document; for a missing key, the path of its table.
        params: Values that the text names.
        on_key: The key itself is wrong, not its value.
        suggestion: What was probably meant.
        severity: A warning does not keep the site from running.
    """

    code: str
    path: KeyPath
    params: Mapping[str, object] = field(default_factory=dict)
    on_key: bool = False
    suggestion: str | None = None
    severity: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault with its place in the file; without a span it concerns the file as a whole.

    Attributes:
        text: What is in the file, where that is not the site file.
    """

    code: str
    severity: Severity
    file: Path
    span: Span | None
    path: KeyPath = ()
    params: Mapping[str, object] = field(default_factory=dict)
    suggestion: str | None = None
    text: str | None = None


class SiteInvalid(GatewayError):
    """The site file cannot be used.

    Args:
        file: The file.
        findings: All that is wrong with it, at least one error, in the order of the lines.
        source: Text of the file as far as it could be read.
    """

    def __init__(self, file: Path, findings: tuple[Finding, ...], source: str) -> None:
        super().__init__("site-invalid", file=str(file), errors=sum(each.severity == "error" for each in findings))
        self.file = file
        self.findings = findings
        self.source = source
