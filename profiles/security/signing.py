"""The charging station certificate: asked for, signed, taken into use, renewed (OCPP 2.0.1 Part 2, A02, A03)."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.contracts import Message, Reply
from gateway.model import credentials as cred
from gateway.model.device import VariableRef, timestamp
from gateway.model.network import CLIENT_CERTIFICATE
from profiles.common.replies import ACCEPTED, refused
from profiles.security.events import INVALID_CERTIFICATE, RECONFIGURED
from profiles.security.facts import is_address, wait_before_resend

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.contracts import Backend, Json, Northbound
    from profiles.security.certificates import Request
    from profiles.security.station_certificates import StationCertificates

logger = logging.getLogger(__name__)

SIGN = "SignCertificate"
_ASKED = "asked"
CONTROLLER = "SecurityCtrlr"
_PROFILE = VariableRef(component=CONTROLLER, variable="SecurityProfile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that is on its way: how often it has been sent again, and when it is next (None: not at all)."""

    csr: str
    sent_again: int = 0
    due: datetime | None = None

    def to_json(self) -> Json:
        """The form that is kept."""
        return {
            "csr": self.csr,
            "sent_again": self.sent_again,
            "due": None if self.due is None else timestamp(self.due),
        }

    @classmethod
    def from_json(cls, kept: Json) -> Asked:
        """From the form that is kept."""
        due = None if kept["due"] is None else datetime.fromisoformat(kept["due"])
        return cls(csr=kept["csr"], sent_again=kept["sent_again"], due=due)


class Signing:
    """Keeps keys and certificates; ``notice`` takes a security event, ``changed`` that certificates have changed."""

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        notice: Callable[[str, str, str], Awaitable[None]],
        changed: Callable[[str], Awaitable[None]],
        of_station: StationCertificates,
    ) -> None:
        self._northbound = northbound
        self._backend = backend
        self._notice = notice
        self._changed = changed
        self._of_station = of_station
        self._shelf = northbound.shelf("signing")
        self._asked: dict[str, Asked] = {}
        self._resumed: set[str] = set()
        self._renewed: set[str] = set()

    def trigger(self, station: str) -> Reply:
        """The CSMS wants a request (A02)."""
        if not self._organization(station):
            return refused("MissingParam", "SecurityCtrlr.OrganizationName is not set")

        async def ask() -> None:
            await self.ask(station)

        return Reply(payload=ACCEPTED.payload, then=ask)

    async def ask(self, station: str) -> None:
        """Make a key, and send the request for its certificate (A02.FR.02, A02.FR.03).

        Raises:
            GatewayError: it cannot be kept.
        """

        def make() -> tuple[str, str]:
            from profiles.security import certificates, x509  # noqa: PLC0415 - loads cryptography, which not all need

            key = x509.new_key()
            request = certificates.Request(key=key, common_name=self._name(station), organization=organization)
            return key, request.text()

        organization = self._organization(station)
        key, csr = await asyncio.to_thread(make)
        await self._northbound.vault.keep(station, {cred.NEXT_KEY: key})
        await self._send(station, Asked(csr=csr))

    async def resume(self, station: str) -> None:
        """Take up what an earlier run of the box has asked for; once."""
        if station in self._resumed:
            return
        self._resumed.add(station)
        kept = (await self._shelf.documents(station)).get(_ASKED)
        if kept is None or station in self._asked:
            return
        asked = Asked.from_json(kept)
        if asked.due is None:  # whether the CSMS has taken it is not known
            wait = self._northbound.device(station).integer(CONTROLLER, "CertSigningWaitMinimum")
            asked = replace(asked, due=self._northbound.now() + timedelta(seconds=wait))
        self._asked[station] = asked

    def _keep(self, station: str, asked: Asked | None) -> None:
        self._northbound.background(self._shelf.keep(station, {_ASKED: None if asked is None else asked.to_json()}))

    def _forget(self, station: str) -> None:
        if self._asked.pop(station, None) is not None:
            self._keep(station, None)

    async def _send(self, station: str, asked: Asked) -> None:
        self._asked[station] = asked
        self._keep(station, asked)
        payload: Json = {"csr": asked.csr, "certificateType": "ChargingStationCertificate"}
        # Also while the boot is pending: then of all times a station gets its first certificate (A00.FR.806).
        await self._backend.post(station, Message(action=SIGN, payload=payload, supersedes=SIGN, requested=True))

    def answered(self, station: str, payload: Json, response: Json) -> None:
        """The CSMS has taken the request, or not (A02.FR.11, A02.FR.12)."""
        asked = self._asked.get(station)
        if asked is None or asked.csr != payload["csr"]:
            return
        if response["status"] != "Accepted":
            logger.warning("%s: the CSMS does not have a certificate signed", station)
            self._forget(station)
            return
        device = self._northbound.device(station)
        wait = wait_before_resend(
            device.integer(CONTROLLER, "CertSigningWaitMinimum"),
            asked.sent_again,
            device.integer(CONTROLLER, "CertSigningRepeatTimes"),
        )
        due = None if wait is None else self._northbound.now() + timedelta(seconds=wait)
        self._asked[station] = replace(asked, due=due)
        self._keep(station, None if due is None else self._asked[station])  # what is given up is not taken up again

    def next_due(self) -> datetime | None:
        """When ``send_again`` has something to do."""
        return min((asked.due for asked in self._asked.values() if asked.due is not None), default=None)

    async def send_again(self) -> None:
        """Ask once more for certificates that should have come (A02.FR.17, A02.FR.18).

        Raises:
            GatewayError: ``storage-failed``.
        """
        now = self._northbound.now()
        for station, asked in list(self._asked.items()):
            if asked.due is not None and asked.due <= now:
                await self._send(station, replace(asked, sent_again=asked.sent_again + 1, due=None))

    async def renew(self, station: str) -> None:
        """Ask for a new certificate where the one in use has a month to go (A03.FR.02); once for each certificate.

        Raises:
            GatewayError: it cannot be kept.
        """
        await self.resume(station)
        documents = await self._northbound.vault.documents(station)
        site = self._northbound.installation(station).certificate
        if station in self._asked or not (site or cred.CLIENT in documents):
            return

        def serial_of_old() -> str:
            from profiles.security import certificates  # noqa: PLC0415 - as above

            chain = certificates.own_chain(documents, site)
            return chain[0].serial if chain and chain[0].expires_soon(self._northbound.now()) else ""

        serial = await asyncio.to_thread(serial_of_old)
        if serial and serial not in self._renewed:
            self._renewed.add(serial)
            if not self._organization(station):
                logger.warning("%s: the certificate expires soon, and OrganizationName is not set", station)
                return
            logger.info("%s: the certificate expires soon; another one is asked for", station)
            await self.ask(station)

    async def signed(self, station: str, payload: Json) -> Reply:
        """Take a certificate that has been signed, or refuse it (A02.FR.06-08, A02.FR.16, A02.FR.20)."""
        chain = payload["certificateChain"]
        if len(chain) > self._northbound.device(station).integer(CONTROLLER, "MaxCertificateChainSize"):
            return refused("TooLargeElement")
        if payload.get("certificateType") == "V2GCertificate":
            return await self._of_station.signed(station, payload)
        documents = await self._northbound.vault.documents(station)
        if cred.NEXT_KEY not in documents:
            return refused("InvalidCertificate", "no request is open")
        problem, kept = await asyncio.to_thread(self._judge, station, chain, documents)
        if problem:
            self._forget(station)
            await self._notice(station, INVALID_CERTIFICATE, problem)
            return refused("InvalidCertificate", problem)
        # The former one stays until the new one has worked: "" stands for the site file's.
        before = documents.get(cred.CLIENT_BEFORE, documents.get(cred.CLIENT, ""))
        await self._northbound.vault.keep(station, {cred.CLIENT_BEFORE: before, cred.CLIENT: kept, cred.NEXT_KEY: None})
        self._forget(station)
        await self._notice(station, RECONFIGURED, "ChargingStationCertificate")
        await self._changed(station)
        if int(self._northbound.device(station).value(_PROFILE)) == CLIENT_CERTIFICATE:
            self._backend.reconnect(station)
        return ACCEPTED

    def _judge(self, station: str, chain: str, documents: Mapping[str, str]) -> tuple[str, str]:
        from profiles.security import certificates  # noqa: PLC0415 - as above

        request: Request = certificates.Request(
            key=documents[cred.NEXT_KEY], common_name=self._name(station), organization=self._organization(station)
        )
        trusted = certificates.roots(documents, self._northbound.installation(station).roots)
        return certificates.judge_chain(chain, request, trusted, self._northbound.now())

    def _organization(self, station: str) -> str:
        return self._northbound.device(station).text(CONTROLLER, "OrganizationName")

    def _name(self, station: str) -> str:
        """The serial number that the boot tells (A00.FR.511); the identity where the station has none."""
        identity = self._northbound.station(station).identity
        names = (identity.serial, identity.box_serial, station) if identity else (station,)
        return next((name for name in names if name and not is_address(name)), f"CS {station}")
