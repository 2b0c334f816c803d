"""Vendors' messages for a program beside the box, as the site file names it: JSON over HTTP, both ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from gateway.contracts import Reply
from profiles.common.replies import refused

if TYPE_CHECKING:
    from gateway.contracts import Json

PATIENCE = ClientTimeout(total=15, sock_connect=5)
LONGEST = 1_048_576
"""Bytes of an answer that are read at most."""

_STATUSES = {"Accepted", "Rejected", "UnknownMessageId"}


async def relay(url: str, station: str, payload: Json) -> Reply:
    """Have a program answer a DataTransfer.

    It is POSTed ``{"station", "vendorId", "messageId", "data"}`` and answers ``{"status", "data"}``. Redirections are not
    followed.

    Args:
        url: Where the program listens.
        station: The station that the backend means.
        payload: The DataTransferRequest.
    """
    asked: Json = {name: payload[name] for name in ("vendorId", "messageId", "data") if name in payload}
    asked["station"] = station
    try:
        async with (
            ClientSession(timeout=PATIENCE) as session,
            session.post(url, json=asked, allow_redirects=False) as response,
        ):
            told = json.loads(await _read(response))
    except (ClientError, OSError, TimeoutError, ValueError) as error:
        return refused("InternalError", f"{payload['vendorId']}: {type(error).__name__}")
    if not isinstance(told, dict) or told.get("status") not in _STATUSES:
        return refused("InternalError", f"{payload['vendorId']}: no answer that can be understood")
    return Reply(payload={name: told[name] for name in ("status", "data") if told.get(name) is not None})


async def _read(response: ClientResponse) -> bytes:
    """The body.

    Raises:
        ValueError: it is too long.
    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST:
            raise ValueError(LONGEST)
    return bytes(body)
