"""What is found of a certificate by reading it: whether its key and its signature are good enough."""

from __future__ import annotations

import pytest
from cryptography import x509 as library
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from profiles.security import x509
from tests.fakes.clock import START
from tests.profiles.security.pki import YEAR, Authority, Key, name, pem


def strong(key: Key) -> bool:
    """Whether a certificate with this key is found strong."""
    (found,) = x509.read(Authority.root(key=key).pem)
    return found.strong


@pytest.mark.ocpp("A00.FR.501", "A00.FR.502")
def test_rsa_has_2048_bits_at_the_least() -> None:
    assert strong(rsa.generate_private_key(65537, 2048))
    assert not strong(rsa.generate_private_key(65537, 2047))  # noqa: S505 - that is the fault


@pytest.mark.ocpp("A00.FR.501", "A00.FR.503")
def test_a_curve_has_224_bits_at_the_least() -> None:
    assert strong(ec.generate_private_key(ec.SECP224R1()))
    assert not strong(ec.generate_private_key(ec.SECP192R1()))


SIGNED_WITH_SHA1 = """\
-----BEGIN CERTIFICATE-----
MIIBlzCCAT6gAwIBAgIUT5BYr7f/WQXVYu1TrV2ACCORACEwCQYHKoZIzj0EATAh
MREwDwYDVQQKDAhPcGVyYXRvcjEMMAoGA1UEAwwDT2xkMCAXDTI2MTEyMzEwMDM1
OFoYDzIxMjYxMDMwMTAwMzU4WjAhMREwDwYDVQQKDAhPcGVyYXRvcjEMMAoGA1UE
AwwDT2xkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKZwnzxRlv0SlJ6bBVMXz
Z3q6yJfVC0ZeK04U+xexXJG8iIV4F3qT/BvV8fq6niYhFnEFYEbgEIas4zNigbSL
dqNTMFEwHQYDVR0OBBYEFG1r2h+69fvjVAE6gAljMmL7EUMzMB8GA1UdIwQYMBaA
FG1r2h+69fvjVAE6gAljMmL7EUMzMA8GA1UdEwEB/wQFMAMBAf8wCQYHKoZIzj0E
AQNIADBFAiBSp1JLmgVml+v2oRCfaceh1ms9ESDgLBE6l5Y5jt5IiwIhAIGeYh64
1PW3vTzCLl7Kd1LZSRZEWuGIjMql0216CeCh
-----END CERTIFICATE-----
"""


@pytest.mark.ocpp("A00.FR.504")
def test_a_signature_is_over_a_good_hash() -> None:
    (good,) = x509.read(Authority.root().pem)
    (old,) = x509.read(SIGNED_WITH_SHA1)
    assert (good.strong, old.strong) == (True, False)
    assert (old.common_name, old.organization) == ("Old", "Operator")


@pytest.mark.ocpp("A00.FR.505")
@pytest.mark.parametrize("pss", [True, False])
def test_what_an_authority_signs_by_rsa_pss_or_by_a_curve_is_verified(*, pss: bool) -> None:
    key: Key = rsa.generate_private_key(65537, 2048) if pss else ec.generate_private_key(ec.SECP256R1())
    root, other = Authority.root(key=key), Authority.root()
    leaf = (
        library.CertificateBuilder().subject_name(name("Leaf", "Operator")).issuer_name(root.certificate.subject)
        .public_key(ec.generate_private_key(ec.SECP256R1()).public_key()).serial_number(7)
        .not_valid_before(START - YEAR).not_valid_after(START + YEAR)
        .sign(key, hashes.SHA256(), rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None)
    )  # fmt: skip
    (child,), (issuer,), (stranger,) = x509.read(pem(leaf)), x509.read(root.pem), x509.read(other.pem)
    assert child.strong
    assert x509.signed_by(child, issuer)
    assert not x509.signed_by(child, stranger)
