"""Reading a family file: TOML to models, with the place of everything that is wrong in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from gateway.config.findings import Finding, Problem, SiteInvalid
from gateway.config.source import Source, read_source
from gateway.config.translate import problems, suggest
from gateway.family.family import KINDS, SCHEMA, AnyFamily, Variant
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFile:
    """A family file that is valid with each of its variants.

    Attributes:
        source: The document.
        base: The family without any variant.
    """

    source: Source
    base: AnyFamily

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.file

    def with_variants(self, ids: Collection[str]) -> AnyFamily:
        """The family with the variants of these ids, in the order of the file."""
        chosen = [each for each in self.base.variant if each.id in ids]
        return _validated(merged(self.source.data, chosen)) if chosen else self.base


class FamilyInvalid(GatewayError):
    """A family file cannot be used; ``findings`` say why, ``source`` is its text."""

    def __init__(self, file: Path, findings: tuple[Finding, ...], source: str) -> None:
        super().__init__("family-invalid", file=str(file), errors=len(findings))
        self.file = file
        self.findings = findings
        self.source = source


def read_family(file: Path) -> FamilyFile:
    """Read a family file and check it against the schema, without variants and with each.

    Raises:
        FamilyInvalid: with every error.
    """
    try:
        source = read_source(file)
    except SiteInvalid as invalid:
        raise FamilyInvalid(file, invalid.findings, invalid.source) from invalid
    try:
        base = _checked(source.data)
        for number, variant in enumerate(base.variant):
            _checked(merged(source.data, [variant]), ("variant", number, "set"))
    except _Wrong as wrong:
        findings = tuple(source.finding(each) for each in wrong.problems)
        raise FamilyInvalid(file, findings, source.text) from wrong
    return FamilyFile(source=source, base=base)


def merged(data: Mapping[str, Any], variants: Iterable[Variant]) -> dict[str, Any]:
    """The document with what variants set, table by table."""
    result = dict(data)
    for variant in variants:
        result = _overlaid(result, variant.set)
    return result


def _overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(below)
    for key, value in above.items():
        old = both.get(key)
        both[key] = _overlaid(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


class _Wrong(Exception):
    def __init__(self, found: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = tuple(found)


def _checked(data: Mapping[str, Any], within: tuple[str | int, ...] = ()) -> AnyFamily:
    kind, schema = data.get("kind"), data.get("schema")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise _Wrong([Problem(code="family-newer", path=("schema",), params={"value": schema, "known": SCHEMA})])
    if model is None:
        params = {"value": str(kind), "known": ", ".join(KINDS)}
        raise _Wrong([Problem(code="family-kind", path=("kind",), params=params, suggestion=suggest(kind, KINDS))])
    try:
        return _validated(data)
    except ValidationError as error:
        raise _Wrong(_placed(error, model, within)) from error


def _placed(error: ValidationError, model: type[BaseModel], within: tuple[str | int, ...]) -> Iterable[Problem]:
    for problem in problems(error, model, ()):
        if within:
            # What a variant makes wrong stands in the variant.
            yield Problem(code=problem.code, path=(*within, *problem.path), params=problem.params)
        else:
            yield problem


def _validated(data: Mapping[str, Any]) -> AnyFamily:
    points, defaults = data.get("points"), data.get("defaults")
    if isinstance(points, dict) and isinstance(defaults, dict):
        filled = {name: {**defaults, **point} if isinstance(point, dict) else point for name, point in points.items()}
        data = {**data, "points": filled}
    return KINDS[data["kind"]].model_validate({key: value for key, value in data.items() if key != "defaults"})
