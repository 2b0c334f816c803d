"""Arrays of tables, such as ``[[sensor]]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.config.findings import Problem
from gateway.config.translate import toml_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.positions import KeyPath


def tables(value: object, path: KeyPath, found: list[Problem]) -> Iterator[tuple[KeyPath, dict[str, object]]]:
    """Each table with its path; what is no table is appended to ``found``."""
    key = ".".join(str(part) for part in path if isinstance(part, str))
    if isinstance(value, dict):
        found.append(Problem(code="table-not-list", path=path, params={"key": key}))
        return
    if not isinstance(value, list):
        params = {"key": key, "expected": "array", "found": toml_type(value)}
        found.append(Problem(code="wrong-type", path=path, params=params))
        return
    for index, raw in enumerate(value):
        if isinstance(raw, dict):
            yield (*path, index), cast("dict[str, object]", raw)
        else:
            params = {"key": key, "expected": "table", "found": toml_type(raw)}
            found.append(Problem(code="wrong-type", path=(*path, index), params=params))
