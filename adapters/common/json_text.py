"""JSON as stations write it."""

from __future__ import annotations

import json

from gateway.model.errors import GatewayError

MAX_BYTES = 256 * 1024
"""The status of a station is a few kilobytes."""

_SHOWN = 80


def parse_json(data: bytes | str, *, strip_keys: bool = False) -> object:
    """Read a JSON text; NaN and Infinity, which some stations write, are None.

    Args:
        data: The text, in UTF-8 if it is bytes.
        strip_keys: Some stations pad their keys with blanks.

    Raises:
        GatewayError: ``answer-format``: it is no JSON, nested too deeply, or too long.
    """
    hook = (lambda pairs: {key.strip(): value for key, value in pairs}) if strip_keys else None
    try:
        if len(data) <= MAX_BYTES:
            return json.loads(data, parse_constant=lambda _: None, object_pairs_hook=hook)
    except (ValueError, RecursionError):
        pass
    text = data[:_SHOWN].decode("utf-8", "replace") if isinstance(data, bytes) else data[:_SHOWN]
    raise GatewayError("answer-format", text=text, expected="JSON")
