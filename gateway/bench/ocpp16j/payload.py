"""The simulated station's messages as JSON payloads, and payloads as it reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.bench.ocpp_s.soap import Node

if TYPE_CHECKING:
    from collections.abc import Mapping

_DECIMALS = {"limit"}
"""What is written as text elsewhere, and is a number here."""


def to_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Write a payload: what is not known is left out."""
    return {name: _plain(name, value) for name, value in fields.items() if value is not None and value != []}


def _plain(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return to_json(value)
    if isinstance(value, list):
        return [_plain(name, item) for item in value]
    return float(value) if name in _DECIMALS else value


def to_node(name: str, payload: Any) -> Node:  # noqa: ANN401 - any JSON value
    """Read a payload as the simulated station reads elements."""
    if not isinstance(payload, dict):
        return Node(name=name, content=_text(payload))
    children = [
        to_node(key, item) for key, value in payload.items() for item in (value if isinstance(value, list) else [value])
    ]
    return Node(name=name, children=tuple(children))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
