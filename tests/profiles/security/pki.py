"""A small certificate authority that can do what it should not: expire, sign for others, be no authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.fakes.clock import START

if TYPE_CHECKING:
    from datetime import datetime

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
YEAR = timedelta(days=365)


def pem(*certificates: x509.Certificate) -> str:
    """A PEM text."""
    return "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def key_pem(key: Key) -> str:
    """A private key as PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def name(common: str, organization: str = "") -> x509.Name:
    """A subject."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


@dataclass
class Authority:
    """A certificate authority with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        """Its certificate."""
        return pem(self.certificate)

    @classmethod
    def root(
        cls, common: str = "Root", *, start: datetime = START - YEAR, end: datetime = START + 10 * YEAR,
        authority: bool = True, key: Key | None = None,
    ) -> Authority:  # fmt: skip
        """A root."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        return cls(certificate=_made(name(common), name(common), key, key, start, end, authority=authority), key=key)

    def sub(self, common: str = "Sub", *, authority: bool = True, key: Key | None = None) -> Authority:
        """An authority below this one."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = _made(
            name(common),
            self.certificate.subject,
            key,
            self.key,
            self.certificate.not_valid_before_utc,
            self.certificate.not_valid_after_utc,
            authority=authority,
        )
        return Authority(certificate=made, key=key)

    def serve(self, address: str) -> str:
        """A certificate for a server at an IP address, with its key and this authority: PEM."""
        key, now = ec.generate_private_key(ec.SECP256R1()), self.certificate
        made = (
            x509.CertificateBuilder().subject_name(name("Server")).issuer_name(now.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now.not_valid_before_utc).not_valid_after(now.not_valid_after_utc)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip
        return key_pem(key) + pem(made, self.certificate)

    def sign(
        self, csr: str, *, start: datetime = START - timedelta(days=1), end: datetime = START + YEAR,
        subject: x509.Name | None = None,
    ) -> x509.Certificate:  # fmt: skip
        """Sign a request."""
        request = x509.load_pem_x509_csr(csr.encode())
        assert request.is_signature_valid
        public = request.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        return (
            x509.CertificateBuilder().subject_name(subject or request.subject)
            .issuer_name(self.certificate.subject).public_key(public).serial_number(x509.random_serial_number())
            .not_valid_before(start).not_valid_after(end).sign(self.key, hashes.SHA256())
        )  # fmt: skip


def _made(
    subject: x509.Name, issuer: x509.Name, key: Key, signer: Key, start: datetime, end: datetime, *, authority: bool
) -> x509.Certificate:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )  # fmt: skip
