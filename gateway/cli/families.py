"""Finding family files for a command, and the report on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.report import render_text
from gateway.family.library import all_families, closest
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from gateway.config.findings import Finding
    from gateway.locale import Catalogue


def add_site(parser: argparse.ArgumentParser) -> None:
    """Declare where the site's own families are."""
    parser.add_argument(
        "--site",
        type=Path,
        metavar="FILE",
        help="site file whose own families, in the folder families beside it, come first; that of this folder if absent",
    )


def base_of(args: argparse.Namespace) -> Path:
    """The folder of the site."""
    site: Path | None = args.site
    return Path.cwd() if site is None else site.resolve().parent


def family_paths(names: Iterable[str], base: Path) -> list[Path]:
    """The files of families that are named by id or by file.

    Raises:
        GatewayError: ``family-unknown`` or ``family-missing``.
    """
    known = all_families(base)
    return [_path(name, known) for name in names]


def _path(name: str, known: dict[str, Path]) -> Path:
    if name in known:
        return known[name]
    file = Path(name)
    if not name.endswith(".toml"):
        raise GatewayError("family-unknown", value=name, suggestion=closest(name, known))
    if not file.is_file():
        raise GatewayError("family-missing", value=name)
    return file


def report(findings: Sequence[Finding], text: str, words: Catalogue) -> str:
    """Frames of one file's findings, and a line that counts them."""
    errors = sum(each.severity == "error" for each in findings)
    file = findings[0].file
    warnings = sum(each.severity == "warning" for each in findings)
    count = words.word("summary-findings", file=file, errors=errors, warnings=warnings)
    return f"{render_text(findings, text, words)}\n\n{count}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns for a terminal; the last one is as long as it is."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in (header, *rows))
    return "\n".join(line.rstrip() for line in lines)
