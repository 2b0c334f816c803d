r"""Lines of a serial protocol: begin, number, checksum and end around what is said. Pure.

A line with all of them, as OpenEVSE's RAPI has it: ``$GS:01^0B\r``. The checksum is over everything before its prefix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateway.family.checksums import xor
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.link import Framing

Kind = Literal["ok", "nack", "unasked"]

_TWO_DIGITS = re.compile(r"[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a station's line says.

    Attributes:
        kind: An answer, a refusal, or a line that comes unasked.
        text: What stands behind the begin of an answer or of a refusal; the whole line if it comes unasked.
        sequence: Number of the request that is answered; None without one.
    """

    kind: Kind
    text: str
    sequence: int | None = None


def compose(framing: Framing, text: str, *, sequence: int | None = None) -> bytes:
    """A line as it is sent.

    Args:
        framing: Of the family.
        text: What is said; the framing's start is put before it where it is missing.
        sequence: Number that the answer has to repeat, 0-255; without effect where the framing has none.

    Raises:
        GatewayError: ``point-value``: a sign of the text is not ASCII.
    """
    line = text if text.startswith(framing.start) else framing.start + text
    if framing.sequence is not None and sequence is not None:
        line += f"{framing.sequence.prefix}{sequence & 0xFF:02X}"
    try:
        data = line.encode("ascii")
    except UnicodeEncodeError as error:
        raise GatewayError("point-value", value=text) from error
    if framing.checksum is not None:
        data += f"{framing.checksum.prefix}{xor(data):02X}".encode()
    return data + framing.end.encode()


def parse(framing: Framing, line: bytes) -> Answer:
    """What a line of the station says.

    Args:
        framing: Of the family.
        line: One line, with or without its end.

    Raises:
        GatewayError: ``answer-checksum`` where it is wrong, or missing though it has to be there; ``answer-format``
            where the line is neither an answer nor a refusal nor known to come unasked.
    """
    text, number = request(framing, line)
    if text.startswith(framing.unasked):
        return Answer(kind="unasked", text=text, sequence=number)
    begins: tuple[tuple[Kind, str], ...] = (("nack", framing.nack), ("ok", framing.ok))
    for kind, begin in begins:
        if (begin or kind == "ok") and text.startswith(begin):
            return Answer(kind=kind, text=text.removeprefix(begin).strip(), sequence=number)
    raise GatewayError("answer-format", text=text, expected=framing.ok)


def request(framing: Framing, line: bytes) -> tuple[str, int | None]:
    """What a line that ``compose`` has made says, with the framing's start, and its number.

    Raises:
        GatewayError: ``answer-checksum`` or ``answer-format``, as ``parse``.
    """
    text, number = _numbered(framing, _checked(framing, _read(framing, line)))
    if not text.startswith(framing.start):
        raise GatewayError("answer-format", text=text, expected=framing.start)
    return text, number


def _read(framing: Framing, line: bytes) -> str:
    try:
        return line.removesuffix(framing.end.encode()).strip(b"\r\n\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise GatewayError("answer-format", text=line.hex(" "), expected=framing.start) from error


def _checked(framing: Framing, text: str) -> str:
    """The line without its checksum, which is right."""
    if framing.checksum is None:
        return text
    said, found, digits = text.rpartition(framing.checksum.prefix)
    if not found:
        if framing.checksum.required:
            raise GatewayError("answer-checksum", text=text)
        return text
    if _TWO_DIGITS.fullmatch(digits) is None or int(digits, 16) != xor(said.encode()):
        raise GatewayError("answer-checksum", text=text)
    return said


def _numbered(framing: Framing, text: str) -> tuple[str, int | None]:
    """The line without its number, and the number."""
    if framing.sequence is None:
        return text, None
    said, found, digits = text.rpartition(framing.sequence.prefix)
    if not found or _TWO_DIGITS.fullmatch(digits) is None:
        return text, None
    return said.rstrip(), int(digits, 16)
