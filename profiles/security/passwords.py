"""A new password for basic authentication, set by the CSMS (OCPP 2.0.1 Part 2, A01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.credentials import PASSWORD, KeptPassword, kept_password
from gateway.model.device import SetResult, VariableStatus, rejected
from profiles.security.variables import SHORTEST

if TYPE_CHECKING:
    from gateway.contracts import Northbound


def refusal(password: str) -> SetResult | None:
    """Why a text cannot be a password; None if it can. Its longest length is the variable's own limit. Pure.

    Letters of every script are allowed (errata 2025-09, 2.1); what a terminal or a header could choke on is not.
    """
    if len(password) < SHORTEST:
        return rejected("InvalidValue", f"min {SHORTEST}")
    return None if password.isprintable() else rejected("InvalidValue", "control characters")


async def change_password(northbound: Northbound, station: str, password: str) -> SetResult:
    """Keep a new password beside the one that works, until it has worked itself.

    Raises:
        GatewayError: ``vault-failed``; the former one remains.
    """
    refused = refusal(password)
    if refused is not None:
        return refused
    site = northbound.installation(station).password
    documents = await northbound.vault.documents(station)
    former = kept_password(documents.get(PASSWORD), site)
    kept = KeptPassword(password=password, before=site if former is None else former.password, site=site)
    await northbound.vault.keep(station, {PASSWORD: kept.text()})
    return SetResult(status=VariableStatus.ACCEPTED)
