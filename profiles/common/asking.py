"""Asking the backend about a token (OCPP 2.0.1 Part 2, C01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.common.tokens import RULES, id_token, learn
from profiles.common.wire import flag

if TYPE_CHECKING:
    from gateway.contracts import Backend, Northbound
    from gateway.model.device import DeviceModel
    from gateway.model.tokens import Authorization, Token


def remote_disabled(device: DeviceModel) -> bool:
    """True where cache and list alone decide, and the backend is never asked (AuthCtrlr.DisableRemoteAuthorization)."""
    return flag(device, RULES, "DisableRemoteAuthorization")


async def ask(
    northbound: Northbound, backend: Backend, station: str, token: Token, patience: float
) -> Authorization | None:
    """The backend's word on a token, which the cache learns; None where none came in ``patience`` seconds."""
    if patience <= 0 or remote_disabled(northbound.device(station)) or not backend.accepted(station):
        return None
    answer = await backend.ask(station, "Authorize", {"idToken": id_token(token)}, patience=patience)
    return None if answer is None else await learn(northbound, station, token, answer["idTokenInfo"])
