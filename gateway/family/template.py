"""Texts with placeholders: what is sent to a station, ``curr {ma:d}`` or ``{"current":{ma:d}}``.

A placeholder is ``{name}`` or ``{name:format}``; a format is ``json``, or Python's alignment, width and precision with
one of the kinds d, x, X, f and s. Other braces stand for themselves, so that JSON is written as it is; ``{{name}}``
gives ``{name}``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.family.placeholder import Placeholder
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gateway.family.value import Value

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]*))?\}|[{}]|[^{}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A checked text with placeholders.

    Attributes:
        text: as written.
        names: the values that it needs.
    """

    text: str
    names: frozenset[str] = field(compare=False, repr=False)
    _parts: tuple[str | Placeholder, ...] = field(compare=False, repr=False)
    _pattern: re.Pattern[str] = field(compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Template:
        """Check a text.

        Raises:
            GatewayError: ``template-syntax`` with ``text`` and ``what``, the placeholder whose format does not exist.
        """
        parts = tuple(_parts(text))
        pattern = "".join(re.escape(part) if isinstance(part, str) else f"({part.pattern()})" for part in parts)
        return cls(
            text=text,
            names=frozenset(part.name for part in parts if isinstance(part, Placeholder)),
            _parts=parts,
            _pattern=re.compile(pattern, re.DOTALL),
        )

    def render(self, values: Mapping[str, Value], quote: Callable[[str], str] | None = None) -> str:
        """The text with its values.

        Args:
            values: by name; more than the names of the template do no harm.
            quote: applied to each value, for instance ``urllib.parse.quote`` for a URL. Without it a text must not have
                control characters: a line end within a value would be a command of its own to a station.

        Raises:
            GatewayError: ``template-value`` with ``text`` and ``name``: the value is missing, unknown, or has not this
                format (6.5 as a whole number).
        """
        return "".join(
            part if isinstance(part, str) else self._rendered(part, values.get(part.name), quote)
            for part in self._parts
        )

    def _rendered(self, part: Placeholder, value: Value, quote: Callable[[str], str] | None) -> str:
        shown = part.render(value)
        if shown is None or (quote is None and not shown.isprintable()):
            raise GatewayError("template-value", text=self.text, name=part.name)
        return shown if quote is None else quote(shown)

    def match(self, text: str, unquote: Callable[[str], str] | None = None) -> dict[str, Value] | None:
        """The values that a text was rendered with, or None if it is not of this template.

        Numbers for d, x, X and f, JSON's value for json, and the text for all others: what a number was has been lost.

        Args:
            text: what was sent.
            unquote: inverse of ``quote`` of ``render``.
        """
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        values: dict[str, Value] = {}
        placeholders = (part for part in self._parts if isinstance(part, Placeholder))
        for part, shown in zip(placeholders, found.groups(), strict=True):
            value = part.read(unquote(shown) if unquote else shown)
            if value is None or values.setdefault(part.name, value) != value:
                return None
        return values


def _parts(text: str) -> Iterator[str | Placeholder]:
    opened: list[str] = []  # braces that wait for their end
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        token = found[0] if found else text[place]
        if token == "}}" and opened and opened[-1] == "{":  # noqa: S105 - the ends of two JSON objects, no escape
            token = "}"  # noqa: S105 - as above
        if found and found[1] is not None:
            part = Placeholder.parse(found[1], found[2] or "")
            if part is None:
                raise GatewayError("template-syntax", text=text, what=token)
            yield part
        elif token[0] in "{}":
            if token[0] == "{":
                opened.append(token)
            elif opened:
                opened.pop()
            yield token[0]
        else:
            yield token
        place += len(token)
