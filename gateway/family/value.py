"""What a point of a station holds."""

from __future__ import annotations

Scalar = float | int | str | bool | None
"""One value; None is unknown or absent."""

Value = Scalar | tuple[Scalar, ...]
"""The value of a point: one value, or one for each phase, connector or bit."""
