"""What matters of a certificate, and whether a chain of them holds (OCPP 2.0.1 Part 2, A00.FR.5xx, A02.FR.06). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RENEW_BEFORE = timedelta(days=30)
"""A certificate is renewed when it has only so long to go: one month (A03.FR.02)."""
LONGEST_PATH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Facts of one certificate.

    Attributes:
        common_name: CN of the subject, "" if it has none.
        organization: O of the subject, "" if it has none.
        subject: Whole subject, as a text that is equal for equal names.
        issuer: Whole issuer, likewise.
        issuer_der: DER encoding of the issuer's name.
        key_der: The public key as it is hashed: the value of the BIT STRING.
        spki: The public key with its algorithm, DER: equal for equal keys.
        serial: Serial number, hexadecimal without leading zeroes.
        not_before: Start of its validity.
        not_after: End of its validity.
        authority: It may issue certificates.
        strong: Its key is long enough, and it is signed over a good hash (A00.FR.501-504).
        pem: The certificate itself.
        handle: What the library has made of it.
    """

    common_name: str
    organization: str
    subject: str
    issuer: str
    issuer_der: bytes
    key_der: bytes
    spki: bytes
    serial: str
    not_before: datetime
    not_after: datetime
    authority: bool
    strong: bool
    pem: str = field(repr=False)
    handle: Any = field(repr=False, compare=False)

    @property
    def own_issuer(self) -> bool:
        """True where it names itself as its issuer: a root."""
        return self.subject == self.issuer

    def valid_at(self, at: datetime) -> bool:
        """True within its period."""
        return self.not_before <= at <= self.not_after

    def expires_soon(self, at: datetime) -> bool:
        """True where it is time for another one."""
        return self.not_after - at <= RENEW_BEFORE


def chain_problem(
    leaf: Certificate,
    others: Sequence[Certificate],
    roots: Sequence[Certificate],
    at: datetime,
    signed_by: Callable[[Certificate, Certificate], bool],
) -> str:
    """What is wrong with the way from a certificate up to a root that is trusted; "" if nothing is.

    Args:
        leaf: The certificate.
        others: Sub-CAs that came with it, in any order.
        roots: The roots that are trusted.
        at: The time now.
        signed_by: Tells whether the first certificate bears the second one's signature.
    """
    if not roots:
        return "no CSMSRootCertificate is installed"
    current = leaf
    for _ in range(LONGEST_PATH):
        if not current.valid_at(at):
            return f"{current.subject} is not valid now"
        if not current.strong:
            return f"{current.subject} has a weak key or signature"
        if current is not leaf and not current.authority:
            return f"{current.subject} is no authority"
        if any(root.spki == current.spki and root.subject == current.subject for root in roots):
            return ""
        root = next((each for each in roots if each.subject == current.issuer and signed_by(current, each)), None)
        if root is not None:
            return "" if root.valid_at(at) else f"{root.subject} is not valid now"
        issuer = next((each for each in others if each.subject == current.issuer and signed_by(current, each)), None)
        if issuer is None or issuer is current:
            return f"{current.issuer} is not known"
        current = issuer
    return "the chain is too long"


def own_problem(leaf: Certificate, *, spki: bytes, common_name: str, organization: str) -> str:
    """What makes a certificate that of somebody else; "" if it is the station's own (A00.FR.509, A00.FR.511).

    Args:
        leaf: The certificate.
        spki: The public key that was to be signed.
        common_name: The station's name in it.
        organization: The charging station operator.
    """
    if leaf.spki != spki:
        return "it is not for the key that was sent"
    if leaf.common_name != common_name:
        return "its common name is not that of the station"
    if leaf.organization != organization:
        return "its organization is not SecurityCtrlr.OrganizationName"
    return ""


def root_problem(
    certificates: Sequence[Certificate], at: datetime, signed_by: Callable[[Certificate, Certificate], bool]
) -> str:
    """Why what came cannot be a root certificate; "" if it can."""
    if len(certificates) != 1:
        return "one certificate is expected"
    root = certificates[0]
    if not root.own_issuer or not signed_by(root, root):
        return "it is not signed by itself"
    if not root.authority:
        return "it is no authority"
    if not root.valid_at(at):
        return "it is not valid now"
    return "" if root.strong else "its key or signature is weak"


def successor_problem(
    certificates: Sequence[Certificate],
    former: Sequence[Certificate],
    at: datetime,
    signed_by: Callable[[Certificate, Certificate], bool],
) -> str:
    """Why what came cannot take the place of the root certificates that are there; "" if it can (M05.FR.10).

    Args:
        certificates: What came.
        former: The root certificates of the CSMS that are there; without any, the first one only has to be a root.
        at: The time now.
        signed_by: As for ``chain_problem``.
    """
    if not former or len(certificates) != 1:
        return root_problem(certificates, at, signed_by)
    root = certificates[0]
    if not any(root.issuer == each.subject and signed_by(root, each) for each in former):
        return "the root certificate that it replaces has not signed it"
    if not root.authority:
        return "it is no authority"
    if not root.valid_at(at):
        return "it is not valid now"
    return "" if root.strong else "its key or signature is weak"


def is_address(name: str) -> bool:
    """Tell whether a name looks like a URL or an IP address: a station must not be called so (A00.FR.511)."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return "://" in name
    return True


def wait_before_resend(minimum: float, sent_again: int, repeat_times: int) -> float | None:
    """How long to wait for a signed certificate before it is asked for again (A02.FR.17-19).

    Args:
        minimum: CertSigningWaitMinimum, in seconds.
        sent_again: How often the request has been sent again so far; each time doubles the wait.
        repeat_times: CertSigningRepeatTimes: how often the wait is doubled.

    Returns:
        Seconds; None: it is not asked for again.
    """
    return None if sent_again > repeat_times else minimum * 2**sent_again
