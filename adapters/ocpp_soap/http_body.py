"""Bodies: content codings, true and false, and where an envelope ends."""

from __future__ import annotations

import re
import zlib

from gateway.model.errors import GatewayError

_ENVELOPE_END = re.compile(rb"</(?:[^<>:\s]+:)?Envelope\s*>[\s\x00]*\Z")
_TAIL = 512
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def ends_envelope(body: bytes | bytearray) -> bool:
    """Tell whether the last thing in ``body`` is the end tag of a SOAP envelope."""
    return _ENVELOPE_END.search(body[-_TAIL:]) is not None


def decode_content(body: bytes, coding: str, max_size: int) -> tuple[bytes, str]:
    """Undo a gzip or deflate coding if the body really has it.

    Some stations declare a coding and send plain XML, so the bytes decide.

    Args:
        body: the bytes as received.
        coding: value of Content-Encoding, or empty.
        max_size: largest size in bytes after decoding.

    Returns:
        The plain body, and the coding it really had ("gzip", "deflate" or "").

    Raises:
        GatewayError: ``http-too-large`` when it inflates beyond ``max_size``.
    """
    name = coding.strip().lower().removeprefix("x-")
    if name not in ("gzip", "deflate") or body.lstrip()[:1] in (b"<", b""):
        return body, ""
    for window in (_GZIP_OR_ZLIB, _RAW):
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, max_size)
        except zlib.error:
            continue
        if inflater.unconsumed_tail:
            raise GatewayError("http-too-large", status=413, limit=max_size)
        if inflater.eof:
            return plain, name
    return body, ""


def encode_content(body: bytes, coding: str) -> bytes:
    """Encode ``body`` in the coding that the request used."""
    if coding == "gzip":
        return _deflate(body, 16 + zlib.MAX_WBITS)
    return _deflate(body, zlib.MAX_WBITS) if coding == "deflate" else body


def _deflate(body: bytes, window: int) -> bytes:
    deflater = zlib.compressobj(wbits=window)
    return deflater.compress(body) + deflater.flush()
