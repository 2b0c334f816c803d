"""A hardened XML parse: no entities, no DTD, no network, no deep or huge trees.

Field data is often slightly broken (blanks before the declaration, an undeclared prefix, a bare ampersand, NULs behind
the end). One forgiving second pass reads it, but only when the end tag of the envelope is there: that parser would
also "repair" a message of which half is missing.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from adapters.ocpp1x.fields import Deviation
from adapters.ocpp_soap.http_body import ends_envelope
from adapters.ocpp_soap.xml_text import ILLEGAL
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLANKS = b" \t\r\n\x00"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*\?>")
_REFERENCE = re.compile(r"&#([xX][0-9a-fA-F]{1,8}|[0-9]{1,8});?")
_BARE_AMPERSAND = re.compile(r"&(?!#[xX][0-9a-fA-F]|#[0-9]|(?:amp|lt|gt|quot|apos);)")
_ROOT = re.compile(rb"<[A-Za-z_\x80-\xff]")
_STRICT = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_FORGIVING = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    recover=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed document."""

    root: _Element
    deviations: tuple[Deviation, ...] = ()


def local_name(name: str) -> str:
    """Drop the namespace, or an undeclared prefix, from a tag or attribute name."""
    local = name[name.rfind("}") + 1 :]
    return local.rpartition(":")[2] if ":" in local else local


def namespace(tag: str) -> str:
    """The namespace of a tag; empty if it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def children(element: _Element) -> list[tuple[str, _Element]]:
    """The child elements with their local names."""
    return [(local_name(child.tag), child) for child in element.iterchildren("*")]


def parse(data: bytes) -> Document:
    """Parse a message.

    Raises:
        GatewayError: ``xml-refused`` (it has a document type) or ``xml-malformed``.
    """
    clean, deviations = _strip(data)
    try:
        root: _Element | None = etree.fromstring(clean, _STRICT)
    except (etree.XMLSyntaxError, ValueError) as error:
        _refuse_doctype(clean)
        root = _recover(clean, error)
        deviations.append(Deviation(code="xml-repaired", path="", raw=str(error)[:100]))
    if root is None or not isinstance(root.tag, str):
        raise GatewayError("xml-malformed", reason="no element")
    if root.getroottree().docinfo.internalDTD is not None:
        raise GatewayError("xml-refused", reason="document type")
    return Document(root=root, deviations=tuple(deviations))


def _strip(data: bytes) -> tuple[bytes, list[Deviation]]:
    """Cut what is no XML from both ends, and refuse a document type before any parser sees it."""
    if data.startswith(_UTF16_BOMS):
        data = _from_utf16(data)
    clean = data.removeprefix(_UTF8_BOM).strip(_BLANKS)
    start = clean.find(b"<")
    if start < 0:
        raise GatewayError("xml-malformed", reason="no element")
    deviations: list[Deviation] = []
    if start or not data.startswith((b"<", _UTF8_BOM)):
        deviations.append(Deviation(code="xml-junk-around", path=""))
        clean = clean[start:]
    root = _ROOT.search(clean)
    _refuse_doctype(clean[: root.start()] if root else clean)
    return clean, deviations


def _refuse_doctype(data: bytes) -> None:
    if b"<!doctype" in data.lower():
        raise GatewayError("xml-refused", reason="document type")


def _from_utf16(data: bytes) -> bytes:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise GatewayError("xml-malformed", reason="text encoding") from error
    return _DECLARATION.sub(b"", text.encode("utf-8", "replace"))


def _mended(data: bytes) -> bytes:
    """Make it clean UTF-8: the forgiving parser would pass on bytes and references that are no characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    # Ampersands first: one that stood alone must not make a reference with what follows a reference that is dropped.
    text = _REFERENCE.sub(_legal_reference, _BARE_AMPERSAND.sub("&amp;", ILLEGAL.sub("", text)))
    return _DECLARATION.sub(b"", text.encode())


def _legal_reference(found: re.Match[str]) -> str:
    code = int(found[1][1:], 16) if found[1][0] in "xX" else int(found[1])
    return f"&#{found[1]};" if code <= sys.maxunicode and not ILLEGAL.match(chr(code)) else ""


def _recover(clean: bytes, first: Exception) -> _Element | None:
    if not ends_envelope(clean):
        raise GatewayError("xml-malformed", reason=str(first)[:200]) from first
    try:
        return etree.fromstring(_mended(clean), _FORGIVING)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise GatewayError("xml-malformed", reason=str(error)[:200]) from error
