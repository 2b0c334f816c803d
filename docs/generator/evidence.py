"""The blocks of OCPP 2.0.1 with their requirements and cases, and what is said of those that no test shows.

One file of docs/evidence for each block. Ids are those of Edition 3 and its errata.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.tables import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOLDER = ROOT / "docs" / "evidence"
BLOCKS = ("GEN", *"ABCDEFGHIJKLMNOP")
PROFILES = {
    "core": "Core",
    "advanced_security": "Advanced Security",
    "local_list": "Local Authorization List Management",
    "smart_charging": "Smart Charging",
    "device_management": "Advanced Device Management",
    "user_interface": "Advanced User Interface",
    "reservation": "Reservation",
}
"""Certification profiles of Part 5; that of ISO 15118 is not the box's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is said of a requirement or a case by hand."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A certification case: where it belongs, and what is said of it."""

    id: str
    profiles: Mapping[str, bool]
    """By profile: whether it is mandatory there."""
    ruling: Ruling | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A functional block."""

    letter: str
    title: str
    use_cases: Mapping[str, tuple[str, tuple[str, ...]]]
    """Title and ids of the requirements, by use case."""
    rulings: Mapping[str, Ruling]
    cases: tuple[Case, ...]


def read_blocks() -> tuple[Block, ...]:
    """Every block in its order."""
    return tuple(_block(letter, tomllib.loads((_FOLDER / f"{letter}.toml").read_text("utf-8"))) for letter in BLOCKS)


def introduction() -> tuple[str, ...]:
    """The lines above the table of cases."""
    return tuple((_FOLDER / "certification.md").read_text("utf-8").rstrip().split("\n"))


def _block(letter: str, raw: Mapping[str, Any]) -> Block:
    use_cases = {name: (each["title"], tuple(_ids(name, each["ids"]))) for name, each in raw["use_cases"].items()}
    known = {each for _, ids in use_cases.values() for each in ids}
    rulings: dict[str, Ruling] = {}
    for status in ("not_applicable", "open"):
        for each in raw.get(status, ()):
            for requirement in each["ids"]:
                if requirement not in known or requirement in rulings:
                    message = f"docs/evidence/{letter}.toml: {requirement} is unknown or said twice"
                    raise SystemExit(message)
                name = "open" if status == "open" else "not applicable"
                rulings[requirement] = Ruling(status=name, reason=each["reason"])
    return Block(letter=letter, title=raw["title"], use_cases=use_cases, rulings=rulings, cases=_cases(raw))


def _cases(raw: Mapping[str, Any]) -> tuple[Case, ...]:
    said = {
        case: Ruling(status=each["result"], reason=each["reason"])
        for each in raw.get("case", ())
        for case in each["ids"]
    }
    found: dict[str, dict[str, bool]] = {}
    for profile, lists in raw.get("cases", {}).items():
        for kind in ("mandatory", "conditional"):
            for case in lists.get(kind, ()):
                found.setdefault(case, {})[profile] = kind == "mandatory"
    unknown = said.keys() - found.keys()
    if unknown:
        raise SystemExit(f"docs/evidence: unknown cases {sorted(unknown)}")
    return tuple(Case(id=case, profiles=found[case], ruling=said.get(case)) for case in sorted(found))


def _ids(use_case: str, ranges: str) -> Iterator[str]:
    """Read ranges: "01-03 07" is ...01, ...02, ...03 and ...07."""
    for each in ranges.split():
        first, _, last = each.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield f"{use_case}.FR.{number:0{len(first)}}"
