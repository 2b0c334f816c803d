"""`stationlift family list`: the families that a site can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from gateway.cli.families import add_site, base_of, table
from gateway.family.library import all_families
from gateway.family.lint import examine
from gateway.family.overview import wires

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from gateway.cli.tools import Tools

_COLUMNS = ("id", "wires", "role", "completeness", "unverified", "vectors", "vendor", "models")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json: for other programs")
    add_site(parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0; 1 if one of the files cannot be used."""
    rows = [_row(name, path) for name, path in all_families(base_of(args)).items()]
    if args.format == "json":
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        words = tools.catalogue
        header = [words.word(f"col-{column}") for column in _COLUMNS]
        print(table(header, [[_cell(row, column) for column in _COLUMNS] for row in rows]))
    return int(any("errors" in row for row in rows))


def _row(name: str, path: Path) -> dict[str, object]:
    examined = examine(path)
    row: dict[str, object] = {"id": name, "file": str(path)}
    if examined.file is None:
        return row | {"errors": examined.errors}
    family = examined.file.base
    doubts = sum(each.code == "family-unverified" for each in examined.findings)
    return row | {
        "kind": family.kind,
        "wires": wires(family),
        "role": family.meta.role,
        "completeness": family.meta.completeness,
        "unverified": doubts,
        "vectors": len(family.vector),
        "vendor": family.meta.vendor,
        "models": list(family.meta.models),
    }


def _cell(row: dict[str, object], column: str) -> str:
    value = row.get(column, "?")
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
