"""Everything about a family file that its schema cannot say, with places. Reads the file and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.family.lint_facts import check_facts
from gateway.family.lint_messages import check_messages
from gateway.family.lint_names import check_names
from gateway.family.lint_registers import check_registers
from gateway.family.lint_state import check_control, check_faults, check_keys, check_state, errors_of
from gateway.family.lint_walk import used
from gateway.family.load import FamilyInvalid, read_family

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from pathlib import Path

    from gateway.config.findings import Finding, Problem
    from gateway.family.family import AnyFamily
    from gateway.family.load import FamilyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedFamily:
    """A family file, as far as it can be used.

    Attributes:
        file: The family; None where the file does not follow the schema.
        findings: All that is wrong or doubtful, in the order of the lines.
        text: The file.
    """

    file: FamilyFile | None
    findings: tuple[Finding, ...]
    text: str

    @property
    def errors(self) -> int:
        """Number of findings that have to be mended."""
        return sum(each.severity == "error" for each in self.findings)


def examine(path: Path) -> ExaminedFamily:
    """Read a family file and find everything that is wrong with it."""
    try:
        file = read_family(path)
    except FamilyInvalid as invalid:
        return ExaminedFamily(file=None, findings=invalid.findings, text=invalid.source)
    return ExaminedFamily(file=file, findings=lint(file), text=file.source.text)


def lint(file: FamilyFile) -> tuple[Finding, ...]:
    """Findings beyond the schema, without variants and with each, in the order of the lines."""
    variants = [(place, file.with_variants([each.id])) for place, each in enumerate(file.base.variant)]
    families = [file.base, *(family for _, family in variants)]
    names = frozenset().union(*(used(family) for family in families))
    errors = [errors_of(family) for family in families]
    possible = None if None in errors else frozenset[str]().union(*(each for each in errors if each is not None))

    def problems(family: AnyFamily) -> Iterator[Problem]:
        yield from check_names(family)
        yield from check_messages(family)
        yield from check_registers(family)
        yield from check_state(family)
        yield from check_faults(family, possible)
        yield from check_control(family)
        yield from check_keys(family)
        yield from check_facts(family, file.path.stem, names)

    found = {_key(each): each for each in problems(file.base)}
    for place, family in variants:
        for each in problems(family):
            if _key(each) not in found:
                # What only a variant makes wrong stands in the variant.
                found[_key(each)] = replace(each, path=("variant", place, "set", *each.path))
    findings = [file.source.finding(each) for each in found.values()]
    return tuple(sorted(findings, key=_place))


def _key(problem: Problem) -> Hashable:
    return problem.code, problem.path, tuple(sorted((key, str(value)) for key, value in problem.params.items()))


def _place(found: Finding) -> tuple[int, int]:
    return (found.span.line, found.span.column) if found.span is not None else (0, 0)
