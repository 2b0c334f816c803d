"""Profile Reservation: the station, or the box for it, keeps an EVSE for a token (OCPP 2.0.1 Part 2, H).

At a station with transactions of its own a reservation is always of one EVSE: a 1.x station says nowhere that it can keep
any one of several free. Where the box runs the transactions, it can.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile, Reply
from gateway.model.changes import ReservationEnded
from gateway.model.commands import CancelReservation, Reserve, Verdict
from gateway.model.device import VariableRef
from gateway.model.events import ReservationLapsed
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.rules.connectors import status_of
from gateway.model.rules.holding import fits, targets
from gateway.model.station import Capability, Reservation
from profiles.common.replies import ACCEPTED, refused, refused_by
from profiles.common.tokens import token_from
from profiles.common.variable_specs import fixed, writable
from profiles.common.wire import flag, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState

CONTROLLER = "ReservationCtrlr"
LONGEST_WAIT = timedelta(minutes=1)
"""The box's clock may be set while somebody waits for a time of day."""

_STATUS = {
    Verdict.FAULTED: "Faulted",
    Verdict.OCCUPIED: "Occupied",
    Verdict.UNAVAILABLE: "Unavailable",
}


class ReservationProfile(Profile):
    """ReserveNow, CancelReservation, and what becomes of reservations that nobody uses."""

    name: ClassVar[str] = "reservation"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        del backend
        self._northbound = northbound
        self._news = asyncio.Event()
        self._withdrawn: list[CancelReservation] = []

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"ReserveNow": self.reserve_now, "CancelReservation": self.cancel_reservation}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        able = Capability.RESERVATION in state.capabilities
        yield fixed(CONTROLLER, "Available", "true" if able else "false")
        if able:
            yield writable(CONTROLLER, "Enabled", "true")
            yield fixed(CONTROLLER, "NonEvseSpecific", "true" if _by_the_box(state) else "false")

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if not isinstance(change, ReservationEnded):
            return ()
        if not change.expired:
            # The station may still hold what its EVSE cannot keep.
            self._withdrawn.append(CancelReservation(station=state.id, reservation=change.reservation))
            self._news.set()
        status = "Expired" if change.expired else "Removed"
        update: Json = {"reservationId": change.reservation, "reservationUpdateStatus": status}
        return (Message(action="ReservationStatusUpdate", payload=update),)

    @override
    async def run(self) -> None:
        """End reservations when their time is over (H04), those too whose time came while the box was off."""
        while True:
            self._news.clear()
            while self._withdrawn:
                self._northbound.background(self._northbound.execute(self._withdrawn.pop()))
            wait = await self._end_expired()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait.total_seconds()):
                    await self._news.wait()

    async def _end_expired(self) -> timedelta:
        """End what is over, and say how long nothing else will be."""
        now = self._northbound.now()
        wait = LONGEST_WAIT
        for station in self._northbound.stations():
            for held in self._northbound.station(station).reservations:
                if held.expires_at > now:
                    wait = min(wait, held.expires_at - now)
                else:
                    lapsed = ReservationLapsed(station=station, at=now, reservation=held.id, expired=True)
                    await self._northbound.publish(lapsed)
        return wait

    async def reserve_now(self, station: str, payload: Json) -> Reply:
        """Have the station keep an EVSE (H01); a reservation with the same id is replaced (H01.FR.02)."""
        state = self._northbound.station(station)
        refusal = self._refusal(state, payload)
        if refusal is not None:
            return refusal
        group = payload.get("groupIdToken")
        wanted = Reservation(
            id=payload["id"],
            evse=payload.get("evseId", 0),
            token=token_from(payload["idToken"]),
            group=token_from(group) if group else None,
            expires_at=moment(payload["expiryDateTime"]),
            among=self._among(state, payload),
        )
        taken = why_not_kept(state, wanted) if _by_the_box(state) else why_taken(state, wanted.evse, wanted.id)
        if taken is None and _parked(state, wanted):
            taken = "Occupied"  # H01.FR.11
        if taken is not None:
            return Reply(payload={"status": taken})
        outcome = await self._northbound.execute(
            Reserve(
                place=Place(station=station, evse=wanted.evse, connector=1 if wanted.evse else 0),
                reservation=wanted.id,
                token=wanted.token,
                group=wanted.group,
                expires_at=wanted.expires_at,
                among=wanted.among,
            )
        )
        self._news.set()
        return ACCEPTED if outcome.accepted else refused_by(outcome, status=_STATUS.get(outcome.verdict, "Rejected"))

    def _refusal(self, state: StationState, payload: Json) -> Reply | None:
        """What is wrong with the request itself, if anything is."""
        if Capability.RESERVATION not in state.capabilities:
            return refused("UnsupportedRequest", "the station takes no reservations")
        if not flag(self._northbound.device(state.id), CONTROLLER, "Enabled"):
            return refused("NotEnabled")  # H01.FR.01
        evse = payload.get("evseId")
        if evse is None and not _by_the_box(state):
            return refused("MissingParam", "evseId: NonEvseSpecific is false")  # H01.FR.19
        if evse is not None and (evse < 1 or evse not in state.evses()):
            return refused("UnknownEvse")
        wanted = payload.get("connectorType")
        if wanted is not None and not any(
            wanted in self._connector_types(state, each) for each in ([evse] if evse else state.evses())
        ):
            return refused("UnknownConnectorType", f"no EVSE that is meant is known to have a {wanted}")
        if moment(payload["expiryDateTime"]) <= self._northbound.now():
            return refused("InvalidValue", "expiryDateTime has passed")
        return None

    def _among(self, state: StationState, payload: Json) -> tuple[int, ...]:
        """The EVSEs that have the connector type where none is named; empty: any."""
        wanted = payload.get("connectorType")
        if "evseId" in payload or wanted is None:
            return ()
        return tuple(evse for evse in state.evses() if wanted in self._connector_types(state, evse))

    def _connector_types(self, state: StationState, evse: int) -> set[str]:
        device = self._northbound.device(state.id)
        refs = [
            VariableRef(component="Connector", evse=evse, connector=c.connector, variable="ConnectorType")
            for c in state.connectors
            if c.evse == evse
        ]
        return {device.value(ref) for ref in refs if device.spec(ref) is not None}

    async def cancel_reservation(self, station: str, payload: Json) -> Reply:
        """Have the station give an EVSE free again (H02)."""
        id_ = payload["reservationId"]
        if all(held.id != id_ for held in self._northbound.station(station).reservations):
            return refused("NotFound")  # H02.FR.01
        outcome = await self._northbound.execute(CancelReservation(station=station, reservation=id_))
        return ACCEPTED if outcome.accepted else refused_by(outcome)


def _by_the_box(state: StationState) -> bool:
    return Capability.BOX_SESSIONS in state.capabilities


def _parked(state: StationState, wanted: Reservation) -> bool:
    """True where a sensor sees a vehicle in every parking bay that is meant, but for one that is kept already."""
    if any(held.id == wanted.id for held in state.reservations):
        return False
    return all(state.bay(evse) is True for evse in targets(state, wanted))


def why_not_kept(state: StationState, wanted: Reservation) -> str | None:
    """The status that says why the box has no EVSE for a reservation (H01.FR.11, H01.FR.12, H01.FR.14); None: it has."""
    if state.reachable and fits(state, wanted):
        return None
    meant = targets(state, wanted)
    statuses = {status_of(state, connector) for connector in state.connectors if connector.evse in meant}
    if not statuses <= {ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}:
        return "Occupied"
    return "Unavailable" if ConnectorStatus.UNAVAILABLE in statuses else "Faulted"


def why_taken(state: StationState, evse: int, reservation: int) -> str | None:
    """The status that says why an EVSE cannot be reserved (H01.FR.11, H01.FR.12, H01.FR.14); None if it can.

    Args:
        state: of the station.
        evse: that is to be reserved.
        reservation: its id; what it holds already is no obstacle to itself.
    """
    held = {r.id for r in state.reservations if r.evse == evse}
    statuses = {status_of(state, connector) for connector in state.connectors if connector.evse == evse}
    if state.transaction_at(evse) is not None or ConnectorStatus.OCCUPIED in statuses or held - {reservation}:
        return "Occupied"
    if ConnectorStatus.AVAILABLE in statuses:
        return None
    if ConnectorStatus.RESERVED in statuses:
        return None if held else "Occupied"
    return "Unavailable" if ConnectorStatus.UNAVAILABLE in statuses else "Faulted"
