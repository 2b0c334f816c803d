"""The page of every functional requirement."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from generator.evidence import read_blocks
from generator.marks import read_marks
from generator.tables import code, page, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.evidence import Block

    Row = tuple[str, str, str]

_STATES = ("met", "not applicable", "open")


def conformance_page() -> str:
    """What stands for each requirement; one that is shown and ruled out at once is an error, as is an unknown one."""
    blocks = read_blocks()
    rows = {block.letter: dict(_rows(block)) for block in blocks}
    known = {requirement for block in blocks for _, ids in block.use_cases.values() for requirement in ids}
    strange = read_marks().requirements.keys() - known
    if strange:
        raise SystemExit(f"tests are marked with unknown requirements: {sorted(strange)}")
    counts = {letter: Counter(row[1] for row in of.values()) for letter, of in rows.items()}
    total = sum(counts.values(), Counter[str]())
    summary = (
        (f"[{block.letter}](#{_anchor(block)})", block.title, *_numbers(counts[block.letter])) for block in blocks
    )
    return page(
        "Conformance",
        "Functional requirements of OCPP 2.0.1 Edition 3 (Part 2) and its errata of September 2025.",
        "",
        "- **met**: the tests in the last column show it. A requirement that depends on what a station can do is shown at a",
        "  station that can.",
        "- **not applicable**: it binds somebody else, is about hardware or an option that is not there, or allows what the",
        "  box does not make use of.",
        "- **open**: it applies, and no test shows it, or it is not built.",
        "",
        *table(("Block", "", *_STATES), (*summary, ("", "All", *_numbers(total)))),
        *(line for block in blocks for line in _section(block, rows[block.letter])),
    )


def _numbers(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(str(counts[state]) for state in _STATES)


def _anchor(block: Block) -> str:
    return f"{block.letter} {block.title}".lower().replace(",", "").replace(" ", "-")


def _rows(block: Block) -> Iterator[tuple[str, Row]]:
    shown = read_marks().requirements
    for _, ids in block.use_cases.values():
        for requirement in ids:
            tests, ruling = shown.get(requirement), block.rulings.get(requirement)
            if tests is not None and ruling is not None:
                raise SystemExit(f"{requirement} is shown by a test, and {ruling.status} by docs/evidence")
            if tests is not None:
                yield requirement, (requirement, "met", code(tests))
            elif ruling is not None:
                yield requirement, (requirement, ruling.status, ruling.reason)
            else:
                yield requirement, (requirement, "open", "No test shows it.")


def _section(block: Block, rows: dict[str, Row]) -> Iterator[str]:
    yield from ("", f"## {block.letter} {block.title}")
    for name, (title, ids) in block.use_cases.items():
        yield from ("", f"### {name} {title}", "")
        yield from table(("Requirement", "Stands", "Shown by, or why"), (rows[each] for each in ids))
