"""The page of the certification cases of a charging station."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from generator.evidence import PROFILES, introduction, read_blocks
from generator.marks import read_marks
from generator.tables import code, page, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.evidence import Block, Case

_RESULTS = ("passed", "n.a.", "differs", "open")


def certification_page() -> str:
    """How each case ends; one that is shown and not applicable at once is an error, as is an unknown one."""
    blocks = [block for block in read_blocks() if block.cases]
    results = {case.id: _result(case) for block in blocks for case in block.cases}
    strange = read_marks().cases.keys() - results.keys()
    if strange:
        raise SystemExit(f"tests are marked with unknown cases: {sorted(strange)}")
    cases = [case for block in blocks for case in block.cases]
    summary = (
        (PROFILES[profile], kind, *_numbers([case for case in cases if case.profiles.get(profile) is wanted], results))
        for profile in PROFILES
        for kind, wanted in (("mandatory", True), ("conditional", False))
    )
    return page(
        "Certification cases",
        *introduction(),
        "",
        *table(("Profile", "", *_RESULTS), summary),
        *(line for block in blocks for line in _section(block, results)),
    )


def _numbers(cases: list[Case], results: dict[str, str]) -> tuple[str, ...]:
    counts = Counter(results[case.id] for case in cases)
    return tuple(str(counts[each]) for each in _RESULTS)


def _result(case: Case) -> str:
    shown = case.id in read_marks().cases
    if case.ruling is None:
        return "passed" if shown else "open"
    status = case.ruling.status
    if status not in _RESULTS or (status == "passed" and not shown) or (status in {"n.a.", "open"} and shown):
        raise SystemExit(f"{case.id} is {status} by docs/evidence, and {'' if shown else 'not '}shown by a test")
    return status


def _section(block: Block, results: dict[str, str]) -> Iterator[str]:
    yield from ("", f"## {block.letter}: {block.title}", "")
    rows = (
        (
            case.id,
            results[case.id],
            case.ruling.reason if case.ruling else "",
            code(read_marks().cases.get(case.id, ())),
        )
        for case in block.cases
    )
    yield from table(("Case", "Result", "Remark", "Shown by"), rows)
