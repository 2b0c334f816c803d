"""What is written when root certificates of the CSMS replace one another, or go (OCPP 2.0.1 Part 2, M04, M05). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.credentials import CSMS_ROOT
from gateway.model.trust import ROOTS, certificates_in, fingerprint

if TYPE_CHECKING:
    from gateway.model.trust import Trust
    from profiles.security.certificates import Root, Verdict

_SIGNERS = 3
"""Signers that are remembered: of the root certificate that is there, and of the one before."""

Changes = dict[str, str | None]


def replacement(trust: Trust, site: str, verdict: Verdict) -> Changes:
    """A root certificate takes the place of all that are there (M05.FR.10, M05.FR.12).

    One that has never worked is no fallback: then the one that has still is.

    Args:
        trust: What is trusted now.
        site: PEM of the site file's authorities.
        verdict: On the new one.
    """
    present = {fingerprint(each) for each in certificates_in(trust.text)}
    if present == {fingerprint(each) for each in certificates_in(verdict.pem)}:
        return {}
    signers = "\n".join(dict.fromkeys(certificates_in(f"{verdict.issuer}\n{trust.kept.issuer}")))
    kept = replace(
        trust.kept,
        gone=tuple(fingerprint(each) for each in certificates_in(site)),
        before=trust.kept.before or trust.text,
        issuer="\n".join(certificates_in(signers)[:_SIGNERS]),
    )
    others: Changes = dict.fromkeys(name for name in trust.installed if name != verdict.name)
    # In this order: a box that loses its power meanwhile trusts too much rather than nothing.
    return {verdict.name: verdict.pem, ROOTS: kept.text(), **others}


def removal(trust: Trust, site: str, root: Root) -> Changes:
    """A root certificate is taken away; without any the former one counts again.

    Args:
        trust: What is trusted now.
        site: PEM of the site file's authorities.
        root: The one to go.
    """
    kept, print_ = trust.kept, fingerprint(root.certificate.pem)
    if root.former:
        left = [each for each in certificates_in(kept.before) if fingerprint(each) != print_]
        return {ROOTS: replace(kept, before="\n".join(left)).text()}
    if not root.name:
        return {ROOTS: replace(kept, gone=(*kept.gone, print_)).text()}
    if kept.before and list(trust.installed) == [root.name] and not trust.site:
        return _restored(trust, site) | {root.name: None}
    return {root.name: None}


def _restored(trust: Trust, site: str) -> Changes:
    former = {fingerprint(each): each for each in certificates_in(trust.kept.before)}
    of_site = {fingerprint(each) for each in certificates_in(site)}
    gone = tuple(each for each in trust.kept.gone if each not in former)
    installed: Changes = {f"{CSMS_ROOT}{key[:32]}.pem": pem for key, pem in former.items() if key not in of_site}
    return {**installed, ROOTS: replace(trust.kept, gone=gone, before="").text()}
