"""What of a family's facts is a guess, so that nobody takes it for certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.fields import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.family.family import AnyFamily


def doubts(family: AnyFamily, path: tuple[str, ...] = ("family",)) -> Iterator[Remark]:
    """A remark for each guess, on the key that names the family; one about a point names that, too."""
    for fact in family.meta.unverified:
        yield Remark(code="family-unverified", path=path, params={"value": fact})
    for name, point in family.points.items():
        if point.unverified:
            params = {"value": f"{name}: {point.unverified}"}
            yield Remark(code="family-unverified", path=path, params=params, point=name)
