"""Finding the fields of a model that carry a mark such as Unique or SecretFile."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


def marked(model: type[BaseModel], mark: type) -> Iterator[str]:
    """Names of the fields whose annotation holds an instance of this mark, also inside `X | None`."""
    for name, field in model.model_fields.items():
        if any(isinstance(each, mark) for each in field.metadata) or _inside(field.annotation, mark):
            yield name


def _inside(annotation: object, mark: type) -> bool:
    if any(isinstance(each, mark) for each in getattr(annotation, "__metadata__", ())):
        return True
    return any(_inside(each, mark) for each in getattr(annotation, "__args__", ()))
