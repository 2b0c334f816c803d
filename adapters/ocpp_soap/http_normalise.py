"""Straighten the crooked HTTP heads of old stations: bytes in, bytes out that a strict parser accepts.

Old embedded HTTP stacks end lines with a bare LF, fold headers, repeat or forget Host, put a blank before the colon or
into the path, and write methods in lower case. None of that changes what they mean, so it is repaired here, before h11
sees it. What is ambiguous (two different lengths, an unknown transfer coding) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.model.errors import GatewayError

_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_UNSEEN = re.compile(rb"[\x00-\x20\x7f]+")
_NOT_IN_TARGET = re.compile(rb"[^\x21-\x7e]")
_VERSION = re.compile(rb"HTTP/\d+(?:\.\d+)?", re.IGNORECASE)
_STATUS_LINE = re.compile(rb"HTTP/(\d)(?:\.(\d))?[ \t]+(\d{3})(?:[ \t]+(.*))?", re.IGNORECASE | re.DOTALL)
_MAX_LENGTH_DIGITS = 15

END_OF_HEAD = re.compile(rb"\n\r?\n")
"""Where a head ends, whichever line ends the peer uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A straightened head: request or status line, headers, blank line, all with CRLF.

    ``framed`` says whether it declares where its body ends. ``length`` is its Content-Length, None when chunked or
    unframed.
    """

    data: bytes
    framed: bool
    length: int | None


def normalise_request(raw: bytes) -> Head:
    """Straighten the head of a request.

    Args:
        raw: everything up to and including the blank line; line breaks before the request line are ignored.

    Raises:
        GatewayError: ``http-malformed`` (``status`` 400 or 501) when no meaning can be given to it.
    """
    lines = _unfold(raw.lstrip(b"\r\n"))
    headers = _headers(lines[1:], needs_host=True)
    return _head(_request_line(lines[0]), headers)


def normalise_response(raw: bytes) -> Head:
    """Straighten the head of an answer; as `normalise_request`."""
    lines = _unfold(raw.lstrip(b"\r\n"))
    match = _STATUS_LINE.fullmatch(lines[0])
    if match is None or match[3] < b"100":
        raise GatewayError("http-malformed", status=400, line=_shown(lines[0]))
    version = b"1.0" if match[2] == b"0" else b"1.1"
    reason = _UNSEEN.sub(b" ", match[4] or b"").strip()
    line = b"HTTP/%b %b %b" % (version, match[3], reason)
    return _head(line.rstrip(), _headers(lines[1:], needs_host=False))


def _unfold(raw: bytes) -> list[bytes]:
    """Split into lines without their ends; a line that starts with a blank continues the one before it."""
    lines: list[bytes] = []
    for line in raw.split(b"\n"):
        text = line.rstrip(b"\r")
        if text[:1] in (b" ", b"\t") and len(lines) > 1:
            lines[-1] += b" " + text.strip()
        elif text:
            lines.append(text)
    if not lines:
        raise GatewayError("http-malformed", status=400, line="")
    return lines


def _request_line(line: bytes) -> bytes:
    words = line.split()
    method = words[0].upper() if words else b""
    version = b"HTTP/1.0"  # a line without version is the oldest client of all
    if len(words) > 1 and _VERSION.fullmatch(words[-1]):
        last = words.pop().upper()
        version = last if last in (b"HTTP/1.0", b"HTTP/1.1") else b"HTTP/1.1"
    if not _TOKEN.fullmatch(method):
        raise GatewayError("http-malformed", status=400, line=_shown(line))
    target = b"%20".join(words[1:]) or b"/"
    target = _NOT_IN_TARGET.sub(lambda found: b"%%%02X" % found[0][0], target)
    return b"%b %b %b" % (method, target, version)


def _headers(lines: list[bytes], *, needs_host: bool) -> list[tuple[bytes, bytes]]:
    """Clean each header; lines that are no header at all are dropped."""
    kept: list[tuple[bytes, bytes]] = []
    host = b""
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip()
        if not colon or not _TOKEN.fullmatch(name):
            continue
        value = _UNSEEN.sub(b" ", value).strip()
        match name.lower():
            case b"host":
                host = host or value
            case b"expect" if value.lower() != b"100-continue":
                pass
            case _:
                kept.append((name, value))
    if needs_host:
        kept.insert(0, (b"Host", host or b"unspecified"))
    return kept


def _head(first_line: bytes, headers: list[tuple[bytes, bytes]]) -> Head:
    """Settle the framing headers and put the head together."""
    lengths: set[bytes] = set()
    codings: set[bytes] = set()
    lines = [first_line]
    for name, value in headers:
        match name.lower():
            case b"content-length":
                lengths.update(part.strip() for part in value.split(b","))
            case b"transfer-encoding":
                codings.update(part.strip().lower() for part in value.split(b","))
            case _:
                lines.append(name + b": " + value)
    codings -= {b"", b"identity"}
    lengths -= {b""}
    length: int | None = None
    if codings - {b"chunked"}:
        raise GatewayError("http-malformed", status=501, line=_shown(b",".join(sorted(codings))))
    if codings:
        lines.append(b"Transfer-Encoding: chunked")  # it wins over any length (RFC 9112, 6.3)
    elif lengths:
        length = _length(lengths)
        lines.append(b"Content-Length: %d" % length)
    return Head(data=b"\r\n".join(lines) + b"\r\n\r\n", framed=bool(codings or lengths), length=length)


def _length(lengths: set[bytes]) -> int:
    if not all(len(text) <= _MAX_LENGTH_DIGITS and text.isdigit() for text in lengths):
        raise GatewayError("http-malformed", status=400, line=_shown(b",".join(sorted(lengths))))
    values = {int(text) for text in lengths}
    if len(values) > 1:
        raise GatewayError("http-malformed", status=400, line=_shown(b",".join(sorted(lengths))))
    return values.pop()


def _shown(line: bytes) -> str:
    return line[:80].decode("latin-1")
