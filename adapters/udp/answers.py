"""Which datagram is the answer to which command. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.family.documents import read
from gateway.family.pointer import MISSING, get

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gateway.family.link import Datagram

_SHOWN = 80
_PLAIN = re.compile(r"[A-Za-z0-9][ -z]*")
_STEM = re.compile(r"[A-Za-z]+[^A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A datagram of a station.

    Attributes:
        text: What it says.
        document: The JSON object in it; None for a plain text.
    """

    text: str
    document: Mapping[str, object] | None

    @classmethod
    def of(cls, data: bytes, encoding: str) -> Heard:
        """A datagram; what cannot be decoded is a text with marks in it."""
        text = data.decode(encoding, "replace").strip(" \r\n\t\0")
        document = read(text)
        return cls(text=text, document=document if isinstance(document, dict) else None)

    @property
    def shown(self) -> str:
        """Its begin, for the log."""
        return self.text[:_SHOWN]

    def answers(self, command: Datagram) -> bool:
        """Whether a command has such answers."""
        if self.document is not None:
            wanted = command.match.items()
            return bool(wanted) and all(_said(self.document, key) == value for key, value in wanted)
        # Some firmware puts its texts in quotes.
        return bool(command.rx) and self.text.strip("\"'").startswith(command.rx)

    def refuses(self, commands: Collection[Datagram]) -> bool:
        """Whether it is such a text as commands are refused with.

        Families only say how success is told. A refusal begins alike, up to the first sign that is no letter (success
        ``TCH-OK``, refusal ``TCH-ERR``); where there is no such sign, any plain text is one. What answers another
        command is none.
        """
        if self.document is not None or self.answers_one_of(commands):
            return False
        stems = tuple(stem[0] for each in commands if (stem := _STEM.match(each.rx)))
        return self.text.startswith(stems) if stems else _PLAIN.fullmatch(self.text) is not None

    def answers_one_of(self, commands: Iterable[Datagram]) -> bool:
        """Whether any command has such answers."""
        return any(self.answers(command) for command in commands)


def holds(document: object, pointers: str | tuple[str, ...]) -> bool:
    """Whether a document has all these places."""
    return all(
        get(document, each) is not MISSING for each in (pointers if isinstance(pointers, tuple) else (pointers,))
    )


def _said(document: Mapping[str, object], key: str) -> str | None:
    found = document.get(key, get(document, key) if key.startswith("/") else MISSING)
    return str(found) if isinstance(found, str | int | float) else None
