"""JSON text to values and back: orjson where it is installed, else the standard library, with the same strictness."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _refuse_constant(name: str) -> float:
    """NaN and the infinities are no JSON (RFC 8259, 6)."""
    raise ValueError(name)


def standard_decode(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Decode by the standard library alone.

    Raises:
        ValueError: not JSON, not UTF-8, or nested too deeply.
    """
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nesting") from error


def standard_encode(value: object) -> bytes:
    """Encode by the standard library alone: compact, ASCII only (a lone surrogate has no UTF-8 form).

    Raises:
        TypeError: the value holds something that JSON cannot say.
        ValueError: NaN, an infinity, or a cycle.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def _fastest() -> tuple[Callable[[bytes], Any], Callable[[object], bytes]]:
    try:
        import orjson  # noqa: PLC0415 - absent on some boxes
    except ImportError:
        return standard_decode, standard_encode
    return orjson.loads, orjson.dumps


decode, encode = _fastest()
"""``decode(bytes)`` raises ValueError; ``encode(value)`` gives compact UTF-8 and raises TypeError or ValueError."""
