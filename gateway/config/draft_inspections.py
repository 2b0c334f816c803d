"""``[[inspection]]`` tables: what is valid becomes a draft, what is not becomes problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from gateway.config.inspection import InspectionKeys
from gateway.config.tables import tables
from gateway.config.translate import problems

if TYPE_CHECKING:
    from gateway.config.findings import Problem
    from gateway.config.positions import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionDraft:
    """One valid table, and where it stands."""

    path: KeyPath
    keys: InspectionKeys


def read_inspections(value: object, found: list[Problem]) -> tuple[InspectionDraft, ...]:
    """The valid ones of all tables; what is wrong with the others is appended to ``found``."""
    drafts = []
    for path, raw in tables(value, ("inspection",), found):
        try:
            drafts.append(InspectionDraft(path=path, keys=InspectionKeys.model_validate(raw)))
        except ValidationError as error:
            found.extend(problems(error, InspectionKeys, path))
    return tuple(drafts)
