"""What the tests say that they show: functional requirements and certification cases."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from generator.tables import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_CASES = ROOT / "tests" / "e2e" / "certification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The tests by what they show."""

    requirements: Mapping[str, frozenset[str]]
    cases: Mapping[str, frozenset[str]]


@cache
def read_marks() -> Marks:
    """Read ``pytest.mark.ocpp`` and ``pytest.mark.case`` of every test, and the functions that are named by their case."""
    requirements, cases = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, decorators in _functions(_module(path), "test"):
            test = f"{path.relative_to(ROOT).as_posix()}::{name}"
            for kind, shown in _shown(decorators):
                (requirements if kind == "ocpp" else cases)[shown].add(test)
    for path in sorted(_CASES.glob("cases_*.py")):
        player = path.with_name(path.name.replace("cases_", "test_", 1)).relative_to(ROOT).as_posix()
        for name, decorators in _functions(_module(path), "tc_"):
            test = f"{player}::test_case[{name.upper()}]"
            cases[name.upper()].add(test)
            for _, shown in _shown(decorators):
                requirements[shown].add(test)
    return Marks(requirements=_frozen(requirements), cases=_frozen(cases))


def _frozen(found: Mapping[str, set[str]]) -> Mapping[str, frozenset[str]]:
    return {key: frozenset(tests) for key, tests in found.items()}


def _module(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _shown(decorators: tuple[ast.expr, ...]) -> Iterator[tuple[str, str]]:
    """("ocpp", requirement) or ("case", case) of every mark."""
    for decorator in decorators:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"pytest.mark.ocpp", "pytest.mark.case"}:
                kind = ast.unparse(node.func).rpartition(".")[2]
                yield from ((kind, str(ast.literal_eval(argument))) for argument in node.args)


def _functions(
    scope: ast.Module | ast.ClassDef, start: str, prefix: str = "", inherited: tuple[ast.expr, ...] = ()
) -> Iterator[tuple[str, tuple[ast.expr, ...]]]:
    """Every function of a module with such a name, with what decorates it or its class."""
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, start, f"{prefix}{node.name}::", (*inherited, *node.decorator_list))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(start):
            yield prefix + node.name, (*inherited, *node.decorator_list)
