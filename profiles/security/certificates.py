"""Decisions on certificates with the help of ``x509``. Everything here blocks: it is called in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.model import credentials as cred
from gateway.model.errors import GatewayError
from gateway.model.trust import trust_of
from profiles.security import x509
from profiles.security.facts import chain_problem, own_problem, root_problem, successor_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.contracts import Json
    from profiles.security.facts import Certificate

CSMS_ROOT, MANUFACTURER_ROOT = "CSMSRootCertificate", "ManufacturerRootCertificate"
PREFIXES = {CSMS_ROOT: cred.CSMS_ROOT, MANUFACTURER_ROOT: cred.MANUFACTURER_ROOT}
"""InstallCertificateUseEnumType to the names of files, of the types that a station without ISO 15118 keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root certificate that is trusted.

    Attributes:
        use: InstallCertificateUseEnumType.
        name: Of its document; "" where the site file brings it, or where it is the former one.
        certificate: Itself.
        issuer: Who has signed it: itself, unless it has replaced the one that did.
        former: It is the one from before, which stays until its successor has worked (M05.FR.12).
    """

    use: str
    name: str
    certificate: Certificate
    issuer: Certificate
    former: bool = False


def roots(documents: Mapping[str, str], site: str) -> tuple[Root, ...]:
    """Every root certificate: those of the site file, and those that the CSMS has installed.

    Args:
        documents: The vault's.
        site: PEM of the site file's authorities.
    """
    trust = trust_of(documents, site)
    own = [each for text in trust.site for each in _readable(text) if each.own_issuer]
    issuers = _readable(trust.kept.issuer)
    signers = {each.subject for each in issuers}
    former = [each for each in _readable(trust.kept.before) if each.own_issuer or each.issuer in signers]
    found = [Root(use=CSMS_ROOT, name="", certificate=each, issuer=each) for each in own]
    for use, prefix in PREFIXES.items():
        for name, text in sorted(documents.items()):
            if name.startswith(prefix):
                found += [
                    Root(use=use, name=name, certificate=each, issuer=_issuer(each, issuers))
                    for each in _readable(text)
                ]
    found += [
        Root(use=CSMS_ROOT, name="", certificate=each, issuer=_issuer(each, issuers), former=True) for each in former
    ]
    return tuple(found)


def _issuer(certificate: Certificate, issuers: Iterable[Certificate]) -> Certificate:
    return next((each for each in issuers if each.subject == certificate.issuer), certificate)


def own_chain(documents: Mapping[str, str], site: str) -> tuple[Certificate, ...]:
    """The charging station certificate with its chain; empty where there is none."""
    return _readable(documents.get(cred.CLIENT, "")) or _readable(site)


def trusts(documents: Mapping[str, str], site: str, at: datetime) -> bool:
    """Tell whether a CSMS root certificate is there and valid now."""
    return any(r.use == CSMS_ROOT and r.certificate.valid_at(at) for r in roots(documents, site))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a root certificate that is to be installed.

    Attributes:
        problem: What is wrong with it; "" if nothing.
        name, pem: To keep it by.
        issuer: Who has signed it, PEM; "" if it has done so itself.
    """

    problem: str = ""
    name: str = ""
    pem: str = ""
    issuer: str = ""


def judge_root(use: str, pem: str, at: datetime, former: Iterable[Root] | None = None) -> Verdict:
    """Judge a root certificate that is to be installed.

    Args:
        use: InstallCertificateUseEnumType.
        pem: What came.
        at: The time now.
        former: Those that it is to replace (AdditionalRootCertificateCheck); None: it is one more.
    """
    try:
        found = x509.read(pem)
    except GatewayError as error:
        return Verdict(problem=str(error.params.get("reason", error.code)))
    replaced = [] if former is None else [root.certificate for root in former]
    if former is None:
        problem = root_problem(found, at, x509.signed_by)
    else:
        problem = successor_problem(found, replaced, at, x509.signed_by)
    if problem:
        return Verdict(problem=problem)
    signers = [each.pem for each in replaced if not found[0].own_issuer and each.subject == found[0].issuer]
    name = f"{PREFIXES[use]}{sha256(found[0].spki + found[0].subject.encode()).hexdigest()[:32]}.pem"
    return Verdict(name=name, pem=found[0].pem, issuer=signers[0] if signers else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A certificate signing request; ``common_name`` is the station's name in it."""

    key: str
    common_name: str
    organization: str

    def text(self) -> str:
        """The request, PEM."""
        return x509.request(self.key, self.common_name, self.organization)


def judge_chain(pem: str, request: Request, trusted: Iterable[Root], at: datetime) -> tuple[str, str]:
    """(what is wrong, "" if nothing; the text to keep) of a certificate that has been signed (A02.FR.06)."""
    try:
        chain = x509.read(pem)
    except GatewayError as error:
        return str(error.params.get("reason", error.code)), ""
    if not chain:
        return "no certificate", ""
    spki = x509.public_key(request.key)
    # The leaf comes first (Part 2, 1.7.1); a CSMS that has it elsewhere is understood, too.
    leaf = next((each for each in chain if each.spki == spki), chain[0])
    problem = own_problem(leaf, spki=spki, common_name=request.common_name, organization=request.organization)
    known = [root.certificate for root in trusted if root.use == CSMS_ROOT]
    others = [each for each in chain if each is not leaf]
    problem = problem or chain_problem(leaf, others, known, at, x509.signed_by)
    if problem:
        return problem, ""
    return "", request.key + "".join(each.pem for each in (leaf, *others))


def hashes(found: Iterable[Root]) -> list[Json]:
    """CertificateHashDataChainType of root certificates (M03.FR.04)."""
    return [
        {
            "certificateType": root.use,
            "certificateHashData": x509.hash_data(root.certificate, root.issuer),
        }
        for root in found
    ]


def matching(wanted: Json, found: Iterable[Root]) -> Root | None:
    """The root certificate that a CertificateHashDataType means."""
    algorithm = wanted["hashAlgorithm"]
    for root in found:
        if _same(wanted, x509.hash_data(root.certificate, root.issuer, algorithm)):
            return root
    return None


def means_own(wanted: Json, chain: tuple[Certificate, ...], found: Iterable[Root]) -> bool:
    """Tell whether a CertificateHashDataType means the charging station certificate (M04.FR.06)."""
    if not chain:
        return False
    issuers = [*chain[1:], *(root.certificate for root in found)]
    return any(
        issuer.subject == chain[0].issuer and _same(wanted, x509.hash_data(chain[0], issuer, wanted["hashAlgorithm"]))
        for issuer in issuers
    )


def _same(wanted: Json, found: Mapping[str, str]) -> bool:
    return all(
        str(wanted[key]).casefold().lstrip("0") == found[key].casefold().lstrip("0")
        for key in ("issuerNameHash", "issuerKeyHash", "serialNumber")
    )


def _readable(pem: str) -> tuple[Certificate, ...]:
    try:
        return x509.read(pem) if pem else ()
    except GatewayError:
        return ()
