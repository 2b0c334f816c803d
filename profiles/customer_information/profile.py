"""Profile Customer Information put together (OCPP 2.0.1 Part 2, N09 and N10).

The box knows a customer by an idToken alone. It keeps no contract certificates and no identifiers of other kinds, so of
those there is never anything stored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile, Reply
from gateway.model.commands import ClearTokens, Verdict
from gateway.model.device import timestamp
from gateway.model.errors import GatewayError
from gateway.model.station import Capability
from profiles.common.replies import ACCEPTED, refused, refused_by
from profiles.common.tokens import token_from
from profiles.customer_information.dossier import Dossier, pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState
    from gateway.model.tokens import Token

NOTHING = "No data found."
CLEARED = "Data cleared."

_REFERENCES = ("idToken", "customerCertificate", "customerIdentifier")
_AWAY = {Verdict.UNREACHABLE, Verdict.UNANSWERED}


class CustomerInformationProfile(Profile):
    """CustomerInformation, and NotifyCustomerInformation after it."""

    name: ClassVar[str] = "customer_information"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"CustomerInformation": self.customer_information}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return ()

    async def customer_information(self, station: str, payload: Json) -> Reply:
        """Tell what is stored of a customer, clear it, or both. It is cleared by the time that it is answered."""
        if sum(reference in payload for reference in _REFERENCES) != 1:
            return refused("InvalidValue", "one of " + ", ".join(_REFERENCES), status="Invalid")  # N09.FR.09
        if not payload["report"] and not payload["clear"]:
            return refused("InvalidValue", "neither report nor clear")  # N09.FR.07
        text = ""
        if "idToken" in payload:
            token = token_from(payload["idToken"])
            try:
                dossier = await self._dossier(station, token)
                refusal = await self._clear(station, token, dossier) if payload["clear"] else None
            except GatewayError as error:
                return refused("InternalError", error.code)
            if refusal is not None:
                return refusal
            text = dossier.text
        told = text or NOTHING if payload["report"] else CLEARED
        return Reply(payload=ACCEPTED.payload, then=partial(self._send, station, payload["requestId"], told))

    async def _dossier(self, station: str, token: Token) -> Dossier:
        """Look everywhere.

        Raises:
            GatewayError: ``storage-failed``.
        """
        state, tokens = self._northbound.station(station), self._northbound.tokens
        _, entries = await tokens.local_list(station)
        return Dossier(
            token=token,
            cached=await tokens.recall(station, token),
            listed=entries[token.unique][1] if token.unique in entries else None,
            running=[each for each in state.transactions if token.same_as(each.token)],
            ended=await self._northbound.visits(station, token),
            reservations=[each for each in state.reservations if token.same_as(each.token)],
            starts=[
                each
                for each in state.remote_starts
                if token.same_as(each.token) and each.expires_at > self._northbound.now()
            ],
        )

    async def _clear(self, station: str, token: Token, dossier: Dossier) -> Reply | None:
        """Forget a token, but for the Local Authorization List (N10.FR.03); the refusal where that cannot be now.

        Raises:
            GatewayError: ``storage-failed``.
        """
        if dossier.in_use:
            return refused("TxInProgress", "the token charges or is about to")
        for visit in dossier.ended:
            if await self._backend.queued(station, visit.id):
                return refused("TxInProgress", "a transaction has still to be told to the CSMS")
        if Capability.CLEAR_CACHE in self._northbound.station(station).capabilities:
            # A 1.x station cannot forget a single token. One that refuses has no cache of its own.
            outcome = await self._northbound.execute(ClearTokens(station=station))
            if outcome.verdict in _AWAY:
                return refused_by(outcome)
        await self._northbound.erase(station, token)
        return None

    async def _send(self, station: str, request_id: int, text: str) -> None:
        at, found = timestamp(self._northbound.now()), pages(text)
        payloads: list[Json] = [
            {"requestId": request_id, "generatedAt": at, "seqNo": number, "tbc": number < len(found) - 1, "data": page}
            for number, page in enumerate(found)
        ]
        messages = [Message(action="NotifyCustomerInformation", payload=each, requested=True) for each in payloads]
        await self._backend.post(station, *messages)
