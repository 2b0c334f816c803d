"""`stationlift family test FILE_OR_ID...`: what was recorded on the wire against what family files make of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gateway.cli.families import add_site, base_of, family_paths, report
from gateway.config.findings import Problem
from gateway.family.lint import examine
from gateway.family.roundtrip import lost
from gateway.family.vectors import agrees, check

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.cli.tools import Tools
    from gateway.family.load import FamilyFile
    from gateway.family.vectors import VectorResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("family", nargs="+", metavar="FILE_OR_ID", help="family file, or id of a family")
    add_site(parser)


def run(args: argparse.Namespace, tools: Tools) -> int:
    """0 if everything is as stated, 1 if not."""
    good = [_tested(path, tools) for path in family_paths(args.family, base_of(args))]
    return int(not all(good))


def _tested(path: Path, tools: Tools) -> bool:
    words = tools.catalogue
    examined = examine(path)
    if examined.file is None:
        print(report(examined.findings, examined.text, words), file=sys.stderr)
        return False
    results = check(examined.file)
    problems = [problem for each in results for problem in _differences(each)]
    problems += _losses(examined.file)
    if problems:
        print(report([examined.file.source.finding(each) for each in problems], examined.text, words))
    points = sum(point.readable for point in examined.file.base.points.values())
    count = {"good": sum(each.ok for each in results), "vectors": len(results), "points": points}
    print(words.word("family-tested", file=path, **count))
    return not problems


def _differences(result: VectorResult) -> Iterator[Problem]:
    path = ("vector", result.number - 1)
    if result.error is not None:
        yield Problem(code=result.error.code, path=path, params=result.error.params)
        return
    if result.ok:
        return
    for name, expected in result.expected.items():
        found = result.found.get(name)
        if not agrees(expected, found):
            params = {"number": result.number, "name": name, "expected": expected, "found": _shown(found)}
            table = "expect_write" if name in result.writes else "expect"
            yield Problem(code="vector-differs", path=(*path, table, name), params=params)


def _losses(file: FamilyFile) -> Iterator[Problem]:
    """What is lost, with each variant; what a variant loses as the family does is told once."""
    told: set[str] = set()
    for chosen in ((), *((each.id,) for each in file.base.variant)):
        for each in lost(file.with_variants(chosen)):
            if each.point in told:
                continue
            told.add(each.point)
            if each.error is not None:
                yield Problem(code=each.error.code, path=("points", each.point), params=each.error.params)
            else:
                params = {"name": each.point, "value": _shown(each.value), "found": _shown(each.found)}
                yield Problem(code="family-lost", path=("points", each.point), params=params)


def _shown(value: object) -> object:
    return "none" if value is None else list(value) if isinstance(value, tuple) else value
