"""The WSDLs as a judge of what is sent: their XSD types, and the headers that their bindings demand.

The WSDLs are not part of this repository. ``STATIONLIFT_WSDL_DIR`` names a folder that holds them, one sub-folder per
version ("1.5/*.wsdl"); without it, tests that need them are skipped.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

if TYPE_CHECKING:
    from lxml.etree import _Element

XSD = "{http://www.w3.org/2001/XMLSchema}"
SOAP = ("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")
WSA = "{http://www.w3.org/2005/08/addressing}"
_VARIABLE = "STATIONLIFT_WSDL_DIR"

needs_wsdl = pytest.mark.skipif(not os.environ.get(_VARIABLE), reason=f"{_VARIABLE} does not name the WSDLs")


def available() -> bool:
    """Tell whether the WSDLs can be consulted."""
    return bool(os.environ.get(_VARIABLE))


def schemas(version: str = "1.5") -> dict[str, _Element]:
    """The XSD of each service of a version, by target namespace.

    Skips the running test when the WSDLs are not there.
    """
    folder = os.environ.get(_VARIABLE)
    if not folder:
        pytest.skip(f"{_VARIABLE} does not name the WSDLs")
    return _schemas(folder, version)


@cache
def _schemas(folder: str, version: str) -> dict[str, _Element]:
    found: dict[str, _Element] = {}
    for path in sorted((Path(folder) / version).glob("*.wsdl")):
        root = etree.fromstring(path.read_bytes())
        for schema in root.iter(f"{XSD}schema"):
            # Written and read again: the prefixes that its type names use are declared above it.
            found[str(schema.get("targetNamespace"))] = etree.fromstring(etree.tostring(schema))
    assert found, f"no WSDL in {folder}/{version}"
    return found


@cache
def _validator(folder: str, version: str, namespace: str) -> etree.XMLSchema:
    return etree.XMLSchema(_schemas(folder, version)[namespace])


def validate_element(element: _Element, version: str = "1.5") -> None:
    """Check one body (or chargeBoxIdentity) element against the types of its service."""
    known = schemas(version)
    namespace = etree.QName(element).namespace or ""
    assert namespace in known, f"{element.tag}: not a namespace of OCPP {version}"
    validator = _validator(os.environ[_VARIABLE], version, namespace)
    alone = etree.fromstring(etree.tostring(element))
    assert validator.validate(alone), f"{validator.error_log}\n{etree.tostring(alone, encoding='unicode')}"


def validate_body(xml: bytes, version: str = "1.5") -> _Element:
    """Check the body of an envelope against the WSDL.

    Returns:
        The body element.

    Raises:
        AssertionError: it is no envelope, or its body is not valid.
    """
    root = etree.fromstring(xml)
    name = etree.QName(root)
    assert name.localname == "Envelope", name.text
    assert name.namespace in SOAP, name.namespace
    bodies = root.findall(f"{{{name.namespace}}}Body")
    assert len(bodies) == 1, "not exactly one Body"
    assert len(bodies[0]) == 1, "not exactly one element in Body"
    validate_element(bodies[0][0], version)
    return bodies[0][0]


def validate_request(xml: bytes, version: str = "1.5") -> _Element:
    """Check a request: its body, the identity header of its service and all addressing headers."""
    body = validate_body(xml, version)
    operation = etree.QName(body).localname.removesuffix("Request")
    assert operation != etree.QName(body).localname, f"{body.tag} is no request"
    headers = _headers(xml)
    identities = [header for header in headers if etree.QName(header).localname == "chargeBoxIdentity"]
    assert len(identities) == 1, "not exactly one chargeBoxIdentity"
    assert etree.QName(identities[0]).namespace == etree.QName(body).namespace, "chargeBoxIdentity of another service"
    validate_element(identities[0], version)
    assert _one(headers, "Action") == f"/{operation[0].upper()}{operation[1:]}"
    for name in ("MessageID", "To"):
        assert _one(headers, name), f"{name} is empty"
    for name in ("From", "ReplyTo"):
        assert _one(headers, name, "Address"), f"{name} has no address"
    return body


def validate_response(xml: bytes, relates_to: str, version: str = "1.5") -> _Element:
    """Check a response to a request that used the standard addressing namespace: body, Action and RelatesTo."""
    body = validate_body(xml, version)
    name = etree.QName(body).localname
    headers = _headers(xml)
    assert _one(headers, "Action") == f"/{name[0].upper()}{name[1:]}"
    assert _one(headers, "RelatesTo") == relates_to
    return body


def _headers(xml: bytes) -> list[_Element]:
    root = etree.fromstring(xml)
    header = root.find(f"{{{etree.QName(root).namespace}}}Header")
    return [] if header is None else list(header)


def _one(headers: list[_Element], name: str, child: str = "") -> str:
    found = [header for header in headers if header.tag == WSA + name]
    assert len(found) == 1, f"not exactly one {name}"
    element = found[0].find(WSA + child) if child else found[0]
    return (element.text or "").strip() if element is not None else ""
