"""The certificate that firmware is signed with (OCPP 2.0.1 Part 2, L01.FR.12, L01.FR.21). Blocks: called in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LONGEST_PATH = 8
RSA_BITS, CURVE_BITS = 2048, 224


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
    unfit = _unfit(current)
    if unfit:
        return unfit
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


def _unfit(certificate: x509.Certificate) -> str:
    """Why nothing may be signed with a certificate (A00.FR.502, A00.FR.503, A00.FR.512)."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return "its key is of no kind that signs firmware"
    if key.key_size < (RSA_BITS if isinstance(key, rsa.RSAPublicKey) else CURVE_BITS):
        return "its key is too short"
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return ""
    except ValueError:
        return "it cannot be read"
    return "" if usage.digital_signature else "it is for other uses"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        constraints = issuer.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return isinstance(constraints, x509.BasicConstraints) and constraints.ca
