"""What the page of capabilities promises for the actions that a CSMS calls."""

from __future__ import annotations

import re
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "capabilities.md"
_HEADING = "## Actions that the CSMS calls\n"
_ROW = re.compile(r"^\| (\w+) \| (Station|Box|Both|None) \|(.*)\|$", re.MULTILINE)
_REFUSED = "`NotSupported`"
_ONLY_15 = "`NotSupported` of a 1.5 station"
_WITHOUT_PAGE = "`NotSupported` without `[web]`"


def _rows() -> dict[str, tuple[str, str]]:
    """Who does an action, and the rest of its row, by action."""
    part = _PAGE.read_text(encoding="utf-8").split(_HEADING, 1)[1].split("\n## ", 1)[0]
    return {action: (who, rest) for action, who, rest in _ROW.findall(part)}


def to_station() -> frozenset[str]:
    """Every action that a CSMS calls."""
    return frozenset(_rows())


def not_supported(kind: str, *, page: bool = True) -> frozenset[str]:
    """The actions that are answered ``NotSupported``.

    Args:
        kind: ``ocpp15`` or ``family``, which is one that takes limits.
        page: Whether the box has a page of its own.
    """
    rows = _rows()
    found = {action for action, (who, rest) in rows.items() if who == "None" and _REFUSED in rest}
    if kind == "ocpp15":
        found |= {action for action, (_, rest) in rows.items() if _ONLY_15 in rest}
    if not page:
        found |= {action for action, (_, rest) in rows.items() if _WITHOUT_PAGE in rest}
    return frozenset(found)
