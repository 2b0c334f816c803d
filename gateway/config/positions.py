"""Where each key and each value of a TOML document stands.

The document has been read by tomli before, so it is valid TOML; this scanner only has to find its way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TypeAlias

import tomli

KeyPath: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_\-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'{3,5}", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}\n#]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of text within one line.

    Attributes:
        line: Line, from 1.
        column: Column in characters, from 1.
        length: Characters on that line, at least 1.
    """

    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a key path stands; a table's value is its header, or its first key where it has no header."""

    key: Span | None
    value: Span


class Positions:
    """Key path -> position, for one document."""

    def __init__(self, text: str) -> None:
        self._marks = _Scanner(text.replace("\r\n", "\n")).scan()

    def get(self, path: KeyPath) -> Position | None:
        """Position of exactly this path."""
        return self._marks.get(path)

    def nearest(self, path: KeyPath) -> Position:
        """Position of this path, or of the innermost table around it that is written down."""
        for length in range(len(path), 0, -1):
            found = self._marks.get(path[:length])
            if found is not None:
                return found
        return Position(key=None, value=Span(line=1, column=1))

    def paths(self) -> frozenset[KeyPath]:
        """All key paths that have a position."""
        return frozenset(self._marks)


class _Scanner:
    """One pass over the text; `at` is the next character to look at."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.marks: dict[KeyPath, Position] = {}
        self.arrays: dict[KeyPath, int] = {}
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def scan(self) -> dict[KeyPath, Position]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self.marks

    def _header(self) -> KeyPath:
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        keys = self._keys()
        self.at += 2 if array else 1
        header = self._span(start, self.at)
        path: KeyPath = ()
        for number, (key, span) in enumerate(keys, start=1):
            path += (key,)
            last = number == len(keys)
            if not last or path not in self.marks:
                self._mark(path, Position(key=span, value=header))
            elif not array:
                self.marks[path] = Position(key=span, value=header)
            if last and array:
                self.arrays[path] = self.arrays.get(path, -1) + 1
                path += (self.arrays[path],)
                self.marks[path] = Position(key=span, value=header)
            elif path in self.arrays:
                path += (self.arrays[path],)
        return path

    def _pair(self, table: KeyPath) -> None:
        keys = self._keys()
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        for number, (_, span) in enumerate(keys[:-1], start=1):
            self._mark(table + tuple(key for key, _ in keys[:number]), Position(key=span, value=span))
        self._value(table + tuple(key for key, _ in keys), keys[-1][1])

    def _keys(self) -> list[tuple[str, Span]]:
        keys: list[tuple[str, Span]] = []
        while True:
            self._skip(_SPACE)
            start = self.at
            keys.append((self._key(), self._span(start, self.at)))
            self._skip(_SPACE)
            if self.at >= len(self.text) or self.text[self.at] != ".":
                return keys
            self.at += 1

    def _key(self) -> str:
        sign = self.text[self.at]
        if sign == '"':
            quoted = self._take(_BASIC)
            # The escapes of a quoted key are those of a string: tomli knows them.
            return str(tomli.loads(f"key = {quoted}")["key"])
        return self._take(_LITERAL)[1:-1] if sign == "'" else self._take(_BARE)

    def _value(self, path: KeyPath, key: Span | None) -> None:
        start = self.at
        match self.text[self.at]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"':
                self._take(_LONG_BASIC if self.text.startswith('"""', self.at) else _BASIC)
            case "'":
                self._take(_LONG_LITERAL if self.text.startswith("'''", self.at) else _LITERAL)
            case _:
                self.at = start + len(self._take(_SCALAR).rstrip())
        self.marks[path] = Position(key=key, value=self._span(start, self.at))

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while not self._closed("]"):
            self._value((*path, index), None)
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while not self._closed("}"):
            self._pair(path)

    def _closed(self, end: str) -> bool:
        """Step over blanks and one comma; at the closing sign step over it too."""
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_BLANK)
        if self.text[self.at] == end:
            self.at += 1
            return True
        return False

    def _mark(self, path: KeyPath, position: Position) -> None:
        self.marks.setdefault(path, position)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:  # cannot be: tomli has accepted the document
            message = f"no TOML at offset {self.at}"
            raise ValueError(message)
        self.at = found.end()
        return found[0]

    def _span(self, start: int, end: int) -> Span:
        """Span of text[start:end], cut at the end of its first line."""
        line = bisect_right(self.lines, start)
        newline = self.text.find("\n", start, end)
        stop = end if newline < 0 else newline
        return Span(line=line, column=start - self.lines[line - 1] + 1, length=max(1, stop - start))
