"""Certificates, keys and requests by ``cryptography``. All of this blocks a little, and loading it more (30 MB)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from gateway.model.errors import GatewayError
from profiles.security.facts import Certificate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

ALGORITHMS = {"SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}
"""HashAlgorithmEnumType to the name of the library."""

RSA_BITS, EC_BITS = 2048, 224
_LONGEST_URL = 512  # OCSPRequestDataType.responderURL
_GOOD_HASHES = (
    hashes.SHA224, hashes.SHA256, hashes.SHA384, hashes.SHA512, hashes.SHA512_224, hashes.SHA512_256,
    hashes.SHA3_224, hashes.SHA3_256, hashes.SHA3_384, hashes.SHA3_512,
)  # fmt: skip


def read(pem: str) -> tuple[Certificate, ...]:
    """Every certificate of a PEM text, in order; other things in it are passed over.

    Raises:
        GatewayError: ``certificate-unreadable``.
    """
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
        return tuple(_facts(each) for each in found)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise GatewayError("certificate-unreadable", reason=type(error).__name__) from error


def signed_by(child: Certificate, issuer: Certificate) -> bool:
    """Tell whether a certificate bears an issuer's signature."""
    certificate: x509.Certificate = child.handle
    try:
        certificate.verify_directly_issued_by(issuer.handle)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def new_key() -> str:
    """A private key on P-256, PEM (A02.FR.02)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def request(key_pem: str, common_name: str, organization: str) -> str:
    """A certificate signing request (RFC 2986), PEM (A02.FR.03)."""
    key = serialization.load_pem_private_key(key_pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise GatewayError("certificate-unreadable", reason="no key on a curve")
    names = [
        x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
    ]
    # For signatures of a TLS handshake only (A00.FR.512); no extended key usage and no other name (A00.FR.511, A00.FR.514).
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names)).add_extension(usage, critical=True)
    made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def public_key(key_pem: str) -> bytes:
    """The public key that belongs to a private one, as ``Certificate.spki``."""
    return _spki(serialization.load_pem_private_key(key_pem.encode(), None).public_key())


def hash_data(certificate: Certificate, issuer: Certificate, algorithm: str = "SHA256") -> dict[str, str]:
    """CertificateHashDataType (Part 2, 2.5)."""
    name = ALGORITHMS[algorithm]
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": hashlib.new(name, certificate.issuer_der).hexdigest(),
        "issuerKeyHash": hashlib.new(name, issuer.key_der).hexdigest(),
        "serialNumber": certificate.serial,
    }


def ocsp_requests(chain: Sequence[Certificate], roots: Sequence[Certificate]) -> list[dict[str, str]]:
    """OCSPRequestDataType (Part 2, 2.35) of each certificate of a chain whose issuer is there and which names a responder.

    Args:
        chain: The certificates.
        roots: Those that may have issued the topmost of them.
    """
    found = []
    for each in chain:
        url = _responder(each.handle)
        issuer = next((i for i in (*chain, *roots) if i.subject == each.issuer and signed_by(each, i)), None)
        if url and issuer is not None and not each.own_issuer:
            found.append({**hash_data(each, issuer), "responderURL": url})
    return found


def _responder(certificate: x509.Certificate) -> str:
    """Where its OCSP responder is; "" where it names none."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ""
    urls = [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]
    return urls[0][:_LONGEST_URL] if urls else ""


def _facts(certificate: x509.Certificate) -> Certificate:

    key = certificate.public_key()
    return Certificate(
        common_name=_name(certificate.subject, NameOID.COMMON_NAME),
        organization=_name(certificate.subject, NameOID.ORGANIZATION_NAME),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        issuer_der=certificate.issuer.public_bytes(),
        key_der=_bits(key),
        spki=_spki(key),
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        authority=_authority(certificate),
        strong=_strong(key) and _well_signed(certificate),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        handle=certificate,
    )


def _name(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = [each.value for each in name if each.oid == oid]
    return found[0] if found and isinstance(found[0], str) else ""


def _authority(certificate: x509.Certificate) -> bool:

    try:
        if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
    except x509.ExtensionNotFound:
        return False
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _strong(key: PublicKeyTypes) -> bool:

    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.key_size >= EC_BITS
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def _well_signed(certificate: x509.Certificate) -> bool:
    """Tell whether its signature is over a hash that is still good (A00.FR.504); None: the algorithm has its own."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return False
    return algorithm is None or isinstance(algorithm, _GOOD_HASHES)


def _spki(key: PublicKeyTypes) -> bytes:

    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _bits(key: PublicKeyTypes) -> bytes:
    """The BIT STRING's value in SubjectPublicKeyInfo."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return _spki(key)
