"""`stationlift family lint FILE_OR_ID...`: everything that is wrong or doubtful in family files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.families import add_site, base_of, family_paths, report
from gateway.config.report import render_json
from gateway.family.lint import examine

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("family", nargs="+", metavar="FILE_OR_ID", help="family file, or id of a family")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="json: for other programs")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    add_site(parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if all of them can be used, 1 if not."""
    words = tools.catalogue
    examined = [(path, examine(path)) for path in family_paths(args.family, base_of(args))]
    if args.format == "json":
        print(render_json([finding for _, each in examined for finding in each.findings], words))
    else:
        for path, each in examined:
            if each.findings:
                print(report(each.findings, each.text, words), end="\n\n")
            else:
                print(words.word("family-good", file=path))
        if any(each.findings for _, each in examined):
            print(words.word("explain-hint"))
    return int(
        any(each.errors or (args.strict and any(f.severity != "note" for f in each.findings)) for _, each in examined)
    )
