"""One placeholder of a template: how a value becomes text, and the way back."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.family.value import Value

_FORMAT = re.compile(
    r"(?P<json>json)"
    r"|(?:(?P<fill>[^{}A-Za-z1-9.+-])?(?P<align>[<>^])|(?P<zero>0)(?=[1-9]))?"
    r"(?P<width>[1-9][0-9]?)?(?:\.(?P<digits>[0-9])(?=f))?(?P<kind>[dxXfs]?)"
)
_BODIES = {
    "": r".*?",
    "json": r".+?",
    "d": r"-?[0-9]{1,20}",
    "x": r"[0-9a-fA-F]{1,16}",
    "X": r"[0-9a-fA-F]{1,16}",
    "f": r"-?[0-9]{1,20}(?:\.[0-9]{1,9})?",
}
_BASES = {"d": 10, "x": 16, "X": 16}
_INT_LIMIT = 2**64
_EXACT = 2**53  # every whole number up to here is one float only


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """``{name:format}``.

    Attributes:
        name: of the value.
        kind: "" (whatever the value is), d, x, X, f or json.
        padding: fill, alignment and width as in Python's format specification; "" for none.
        precision: as ``.1``; "" for none.
    """

    name: str
    kind: str
    padding: str
    precision: str

    @classmethod
    def parse(cls, name: str, form: str) -> Placeholder | None:
        """A placeholder, or None if there is no such format."""
        found = _FORMAT.fullmatch(form)
        if found is None or (found["align"] and not found["width"]):
            return None
        kind = "json" if found["json"] else found["kind"].replace("s", "")
        if found["zero"] and not kind:
            return None
        padding = ""
        if found["width"]:
            align = "=" if found["zero"] else found["align"] or (">" if kind else "<")
            padding = (found["zero"] or found["fill"] or " ") + align + found["width"]
        return cls(name=name, kind=kind, padding=padding, precision=f".{found['digits']}" if found["digits"] else "")

    def render(self, value: Value) -> str | None:
        """The value as text; None if it is unknown or cannot have this format."""
        if value is None:
            return None
        if self.kind == "json":
            return _json(value)
        if self.kind == "":
            shown = _plain(value)
            return None if shown is None else format(shown, self.padding)
        if self.kind == "f":
            number = None if isinstance(value, bool) or not _is_finite(value) else value
        else:
            number = _whole(value)
            if number is not None and number < 0 and self.kind != "d":
                return None
        return None if number is None else format(number, f"{self.padding}{self.precision}{self.kind}")

    def pattern(self) -> str:
        """Regular expression for what ``render`` makes."""
        body = _BODIES[self.kind]
        if not self.padding:
            return body
        fill, align = re.escape(self.padding[0]) + "*", self.padding[1]
        return (fill if align in ">^" else "") + body + (fill if align in "<^" else "")

    def read(self, shown: str) -> Value:
        """The value of a text that has been matched; None if it is not readable after all."""
        fill, align = (self.padding[0], self.padding[1]) if self.padding else ("", "")
        if fill and align in ">^":
            shown = shown.lstrip(fill)
        if fill and align in "<^":
            shown = shown.rstrip(fill)
        try:
            if self.kind == "json":
                return _from_json(json.loads(shown))
            if self.kind in _BASES:
                return int(shown or "0", _BASES[self.kind])
            return float(shown or "0") if self.kind == "f" else shown
        except (ValueError, RecursionError):
            return None


def _is_finite(value: Value) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _whole(value: Value) -> int | None:
    """A whole number; also of 3.0 and of true (1). Nothing is rounded here: that could raise a limit."""
    if not isinstance(value, int | float) or not math.isfinite(value) or value != int(value):
        return None
    return int(value) if abs(value) < _INT_LIMIT else None


def _plain(value: Value) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not value.is_integer():
        return repr(value) if math.isfinite(value) else None
    if isinstance(value, int | float) and abs(value) < _EXACT:
        return str(int(value))
    return str(value) if isinstance(value, int) and abs(value) < _INT_LIMIT else None


def _json(value: Value) -> str | None:
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return None


def _from_json(value: object) -> Value:
    if isinstance(value, list):
        members = tuple(each for each in value if each is None or isinstance(each, str | int | float))
        return members if len(members) == len(value) else None
    return value if isinstance(value, str | int | float) else None
