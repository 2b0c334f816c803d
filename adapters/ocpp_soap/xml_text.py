"""Text for XML, written by hand: the standard library's helper would load its HTTP client too."""

from __future__ import annotations

import re

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 cannot carry (XML 1.0, 2.2)."""


def escape(text: str) -> str:
    """Escape for element content; characters that XML 1.0 cannot carry are dropped."""
    if not text.isprintable():
        text = ILLEGAL.sub("", text)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")  # a bare one would reach the reader as a line feed


def escape_attribute(text: str) -> str:
    """Escape for an attribute in double quotes."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
