"""The signature over a firmware file (OCPP 2.0.1 Part 2, L01.FR.04, L01.FR.12). Blocks: called in a thread."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, Hash

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20


def is_signed(file: Path, certificate: str, signature: str) -> bool:
    """Tell whether a file has this signature.

    The hash is SHA-256. With an RSA key the signature is RSA-PSS, of any length of salt. With an elliptic curve it is
    ECDSA: the standard names ECSchnorr, which no library has and no manufacturer is known to use.

    Args:
        file: The whole firmware.
        certificate: PEM; the first one of it signs.
        signature: Base64.

    Raises:
        OSError: the file cannot be read.
    """
    digest, algorithm = _digest(file), Prehashed(SHA256())
    try:
        key = x509.load_pem_x509_certificates(certificate.encode())[0].public_key()
        raw = base64.b64decode("".join(signature.split()), validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            salted = padding.PSS(mgf=padding.MGF1(SHA256()), salt_length=padding.PSS.AUTO)
            key.verify(raw, digest, salted, algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, digest, ec.ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError):
        return False
    return True


def _digest(file: Path) -> bytes:
    made = Hash(SHA256())
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            made.update(chunk)
    return made.finalize()
