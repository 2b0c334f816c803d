"""Which authorities are trusted for the CSMS: those of the site file, and what the CSMS has made of them (M04, M05)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.model.credentials import CSMS_ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOTS = "roots.json"
"""Name of the document that holds ``KeptRoots``."""

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRoots:
    """What the CSMS has made of the authorities that are trusted.

    Attributes:
        site: Fingerprint of the site file's authorities at that time: when the technician names others, those count.
        gone: Fingerprints of the site file's certificates that the CSMS has deleted or replaced.
        before: What was trusted before the last replacement, PEM, until its successor has worked (M05.FR.12).
        issuer: Who has signed the root certificate that replaced another, PEM; it is not trusted, only named.
    """

    site: str = ""
    gone: tuple[str, ...] = ()
    before: str = ""
    issuer: str = ""

    def text(self) -> str:
        """The form that is kept."""
        return json.dumps({"site": self.site, "gone": self.gone, "before": self.before, "issuer": self.issuer})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The authorities of a connection, PEM: those of the site file that are left, those installed, and the former."""

    site: tuple[str, ...]
    installed: Mapping[str, str]
    kept: KeptRoots

    @property
    def text(self) -> str:
        """Everything that is trusted now."""
        return "\n".join((*self.site, *self.installed.values()))

    @property
    def touched(self) -> bool:
        """True where not all of the site file's authorities count."""
        return bool(self.kept.gone)


def certificates_in(pem: str) -> tuple[str, ...]:
    """Each certificate of a PEM text."""
    return tuple(_CERTIFICATE.findall(pem))


def fingerprint(pem: str) -> str:
    """The same for PEM texts that hold the same, however they are broken into lines."""
    return sha256("".join(pem.split()).encode()).hexdigest()


def trust_of(documents: Mapping[str, str], site: str) -> Trust:
    """What is trusted.

    Args:
        documents: The vault's.
        site: PEM of the site file's authorities.
    """
    kept = _kept(documents.get(ROOTS), fingerprint(site))
    return Trust(
        site=tuple(each for each in certificates_in(site) if fingerprint(each) not in kept.gone),
        installed={name: text for name, text in sorted(documents.items()) if name.startswith(CSMS_ROOT)},
        kept=kept,
    )


def _kept(text: str | None, site: str) -> KeptRoots:
    if text is None:
        return KeptRoots(site=site)
    try:
        fields = json.loads(text)
        kept = KeptRoots(
            site=fields["site"], gone=tuple(fields["gone"]), before=fields["before"], issuer=fields["issuer"]
        )
    except (ValueError, TypeError, KeyError):  # a file that somebody has edited; the site's own authorities remain
        return KeptRoots(site=site)
    return kept if kept.site == site else KeptRoots(site=site, issuer=kept.issuer)
