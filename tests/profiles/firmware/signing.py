"""A manufacturer that signs firmware."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def curve_key() -> ec.EllipticCurvePrivateKey:
    """A key that is made fast."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    common: str, key: Key, issuer: str, signer: Key, *, authority: bool, signs: bool | None = None
) -> x509.Certificate:
    """A certificate from 2020 to 2040; ``signs`` None: nothing is said of what it is for."""
    made = (
        x509.CertificateBuilder().subject_name(_name(common)).issuer_name(_name(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(SINCE).not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )  # fmt: skip
    if signs is not None:
        usage = x509.KeyUsage(
            digital_signature=signs, content_commitment=False, key_encipherment=not signs, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        made = made.add_extension(usage, critical=True)
    return made.sign(signer, hashes.SHA256())


@dataclass(frozen=True)
class Manufacturer:
    """Its root certificate, and what it signs firmware with; both PEM."""

    root: str
    certificate: str
    key: Key

    @classmethod
    def made(cls, key: Key | None = None, *, signs: bool | None = True) -> Manufacturer:
        """One with this key for firmware."""
        root_key, key = curve_key(), key or curve_key()
        root = certificate("Root", root_key, "Root", root_key, authority=True)
        own = certificate("Firmware", key, "Root", root_key, authority=False, signs=signs)
        return cls(_pem(root), _pem(own), key)

    def sign(self, content: bytes) -> str:
        """The signature over a file, Base64."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            salted = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
            raw = self.key.sign(content, salted, hashes.SHA256())
        else:
            raw = self.key.sign(content, ec.ECDSA(hashes.SHA256()))
        return base64.b64encode(raw).decode()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(one: x509.Certificate) -> str:
    return one.public_bytes(serialization.Encoding.PEM).decode()
