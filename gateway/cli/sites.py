"""Reading the site file for a command, with the report on the terminal."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from gateway.config.load import Examined, examine
from gateway.config.report import render_text

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.cli.tools import Tools
    from gateway.config.files import Files
    from gateway.config.site import Site


def read_site(file: Path, tools: Tools, files: Files | None = None) -> Examined:
    """Examine a site file with the plug-ins at hand."""
    return examine(file, tools.adapters(), profiles=tools.profiles(), sensors=tools.sensors(), files=files)


def usable_site(file: Path, tools: Tools, files: Files | None = None) -> Site | None:
    """The site; its errors and warnings, but no notes, go to stderr, and an unusable one is None."""
    examined = read_site(file, tools, files)
    serious = tuple(each for each in examined.findings if each.severity != "note")
    if serious:
        print_findings(file, replace(examined, findings=serious), tools, sys.stderr)
    return examined.site


def print_findings(file: Path, examined: Examined, tools: Tools, stream: TextIO) -> None:
    """The report with its summary line."""
    errors = sum(each.severity == "error" for each in examined.findings)
    warnings = sum(each.severity == "warning" for each in examined.findings)
    words = tools.catalogue
    print(render_text(examined.findings, examined.text, words), file=stream)
    print(file=stream)
    print(words.word("summary-findings", file=file, errors=errors, warnings=warnings), file=stream)
    print(words.word("explain-hint"), file=stream)
