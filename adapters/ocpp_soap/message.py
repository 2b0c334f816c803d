"""A decoded message: its fields, and what was wrong with how they were sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Deviation, Fields


class Kind(Enum):
    """The two halves of an operation."""

    REQUEST = "Request"
    RESPONSE = "Response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The body of an envelope.

    An element that is absent or empty has no key in ``fields``; a repeated element is a list of at least one.
    """

    operation: str
    kind: Kind
    fields: Fields
    deviations: tuple[Deviation, ...] = field(default=())
