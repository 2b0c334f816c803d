"""The certificate that firmware is signed with (OCPP 2.0.1 Part 2, L01.FR.12, L01.FR.21). Blocks: called in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtensionOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LONGEST_PATH = 8


def problem_of(pem: str, roots: Iterable[str], at: datetime) -> str:
    """What is wrong with a signing certificate, "" if nothing is.

    Args:
        pem: The certificate, PEM; sub-CAs may follow it.
        roots: PEM texts of the manufacturer's root certificates that the CSMS has installed. Without any the chain
            cannot be followed, and only the certificate itself is looked at.
        at: The time now.
    """
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
        trusted = [each for text in roots for each in x509.load_pem_x509_certificates(text.encode())]
    except ValueError:
        return "it cannot be read"
    current, *others = chain
    for _ in range(LONGEST_PATH):
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            return f"{current.subject.rfc4514_string()} is not valid now"
        if not trusted or current in trusted:
            return ""
        issuer = next((each for each in (*trusted, *others) if each != current and _issued(current, each)), None)
        if issuer is None:
            return f"{current.issuer.rfc4514_string()} is not known"
        current = issuer
    return "the chain is too long"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        constraints = issuer.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return isinstance(constraints, x509.BasicConstraints) and constraints.ca
