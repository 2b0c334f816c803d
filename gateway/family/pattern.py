"""The format of a station's answer on a line: ``{state:x} {elapsed:d} {pilot:x} {flags:x}``.

Fields are separated by blanks. A field is d (decimal), x (hexadecimal), f (with a fraction) or s (any text without
blanks); fixed text may stand alone or around a field (``V{major:d}``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.family.value import Value

_FIELD = re.compile(r"([^{}]*)\{([A-Za-z_][A-Za-z0-9_]*):(0[1-9])?([dxfs])\}([^{}]*)|([^{}]+)")
_BODIES = {
    "d": r"[+-]?[0-9]{1,20}",
    "x": r"(?:0[xX])?[0-9a-fA-F]{1,16}",
    "f": r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?",
    "s": r"\S+",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One field; ``name`` is "" for fixed text alone."""

    before: str
    name: str
    width: str
    kind: str
    after: str
    body: re.Pattern[str]

    def read(self, text: str) -> int | float | str | None:
        found = self.body.fullmatch(text)
        if found is None:
            return None
        if not self.name:
            return text
        return _READ[self.kind](found[1])

    def write(self, value: Value) -> str | None:
        """The value as the station would send it; None if it cannot."""
        if not self.name:
            return self.before
        if value is None or isinstance(value, tuple):
            return None
        if self.kind == "s":
            shown = str(value)
        elif isinstance(value, str) or not math.isfinite(value) or (self.kind != "f" and value != int(value)):
            return None
        else:
            shown = repr(float(value)) if self.kind == "f" else format(int(value), self.width + self.kind)
        shown = self.before + shown + self.after
        return shown if self.body.fullmatch(shown) else None


_READ: dict[str, Callable[[str], int | float | str]] = {
    "d": int,
    "x": lambda text: int(text, 16),
    "f": float,
    "s": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A checked format.

    Attributes:
        text: as written.
        names: the fields in their order.
        optional: fields that some firmware leaves out; only at the end.
    """

    text: str
    names: tuple[str, ...] = field(compare=False, repr=False)
    optional: frozenset[str]
    _parts: tuple[_Part, ...] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str, optional: Iterable[str] = ()) -> Pattern:
        """Check a format.

        Raises:
            GatewayError: ``pattern-syntax`` with ``text`` and ``what``: a field that is not readable, is there twice,
                or stands behind an optional one without being optional; an optional name that is no field.
        """
        absent = frozenset(optional)
        parts: list[_Part] = []
        names: list[str] = []
        for word in text.split():
            found = _FIELD.fullmatch(word)
            before, name, width, kind, after, alone = found.groups() if found else [None] * 6
            late = bool(absent.intersection(names)) and name not in absent
            if found is None or name in names or late:
                raise GatewayError("pattern-syntax", text=text, what=word)
            before, after = before or alone or "", after or ""
            body = f"{re.escape(before)}({_BODIES[kind]}){re.escape(after)}" if kind else re.escape(before)
            parts.append(
                _Part(
                    before=before,
                    name=name or "",
                    width=width or "",
                    kind=kind or "",
                    after=after,
                    body=re.compile(body),
                )
            )
            names += [name] if name else []
        for name in sorted(absent.difference(names)):
            raise GatewayError("pattern-syntax", text=text, what=name)
        return cls(text=text, names=tuple(names), optional=absent, _parts=tuple(parts))

    def read(self, text: str) -> dict[str, int | float | str]:
        """The values of an answer; optional fields that it lacks are absent, more fields than known are ignored.

        Raises:
            GatewayError: ``answer-format`` with ``text`` and ``expected``.
        """
        words = text.split()
        values: dict[str, int | float | str] = {}
        for place, part in enumerate(self._parts):
            if place >= len(words) and part.name in self.optional:
                break
            value = part.read(words[place]) if place < len(words) else None
            if value is None:
                raise GatewayError("answer-format", text=text, expected=self.text)
            if part.name:
                values[part.name] = value
        return values

    def write(self, values: Mapping[str, Value]) -> str:
        """An answer with these values, up to the first optional one that is missing.

        Raises:
            GatewayError: ``template-value`` with ``text`` and ``name``: a value is missing or has not this format.
        """
        words: list[str] = []
        for part in self._parts:
            value = values.get(part.name)
            if value is None and part.name in self.optional:
                break
            word = part.write(value)
            if word is None:
                raise GatewayError("template-value", text=self.text, name=part.name)
            words.append(word)
        return " ".join(words)
