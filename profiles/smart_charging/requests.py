"""What the backend asks of smart charging (OCPP 2.0.1 Part 2, K01, K08 to K10, and K05 with a remote start)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from gateway.contracts import CallRefused, Reply
from gateway.model.charging import Purpose, RateUnit
from gateway.model.device import timestamp
from gateway.model.errors import GatewayError
from gateway.model.limits.outlook import Outlook, tenths
from gateway.model.limits.wiring import wiring_of
from profiles.common.replies import ACCEPTED, refused, status_info
from profiles.smart_charging.acceptance import Circumstances, unfit, why_not
from profiles.smart_charging.book import Installed, Start
from profiles.smart_charging.external import constraints
from profiles.smart_charging.reports import matching, report, to_clear
from profiles.smart_charging.variables import enabled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound, Refusal
    from gateway.model.charging import Slice
    from gateway.model.commands import StartCharging
    from profiles.smart_charging.book import Book, Holdings

LONGEST_SCHEDULE = 7 * 86_400
"""Seconds of a composite schedule that is answered: a whole run of everything that recurs."""

NO_LIMIT = 999_999.0
"""Where nothing is known to limit: what OCPP's own examples say for that (Part 2, K, 3.6.1)."""


class Requests:
    """The handlers; each refuses where the station has no smart charging, or has it switched off (K01.FR.29)."""

    def __init__(self, northbound: Northbound, backend: Backend, book: Book) -> None:
        self._northbound = northbound
        self._backend = backend
        self._book = book

    def handlers(self) -> Mapping[str, Handler]:
        """The handler of each action."""
        return {
            "SetChargingProfile": self.set_charging_profile,
            "ClearChargingProfile": self.clear_charging_profile,
            "GetChargingProfiles": self.get_charging_profiles,
            "GetCompositeSchedule": self.get_composite_schedule,
        }

    async def set_charging_profile(self, station: str, payload: Json) -> Reply:
        """Take a charging profile (K01); one with the same id is replaced (K01.FR.05)."""
        self._check_enabled(station)
        try:
            new = Installed.of(payload["evseId"], payload["chargingProfile"])
        except ValueError as error:
            raise CallRefused("PropertyConstraintViolation", reason="not a dateTime") from error
        refusal = why_not(new, await self._circumstances(station))
        if refusal is not None:
            return refused(*refusal)
        id_ = new.profile.id

        def installed(held: Holdings) -> Holdings:
            return replace(held, installed={**held.installed, id_: new})

        return await self._changed(station, installed) or ACCEPTED

    async def clear_charging_profile(self, station: str, payload: Json) -> Reply:
        """Take charging profiles away (K10)."""
        self._check_enabled(station)
        gone = to_clear(payload, await self._book.of(station))
        if not gone:
            return Reply(payload={"status": "Unknown", "statusInfo": status_info("NotFound")})  # K10.FR.01

        def cleared(held: Holdings) -> Holdings:
            return replace(held, installed={id_: each for id_, each in held.installed.items() if id_ not in gone})

        failed = await self._changed(station, cleared)
        if failed is not None:
            # The answer knows no refusal but this one.
            raise CallRefused("InternalError", reason="the charging profiles cannot be written")
        return ACCEPTED

    async def get_charging_profiles(self, station: str, payload: Json) -> Reply:
        """Report charging profiles (K09)."""
        self._check_enabled(station)
        rows = matching(payload, await self._book.of(station), self._northbound.station(station))
        if not rows:
            return Reply(payload={"status": "NoProfiles", "statusInfo": status_info("NotFound")})
        messages = report(payload["requestId"], rows)
        return Reply(payload={"status": "Accepted"}, then=partial(self._backend.post, station, *messages))

    async def get_composite_schedule(self, station: str, payload: Json) -> Reply:
        """Tell what an EVSE, or the station, is expected to draw (K08)."""
        self._check_enabled(station)
        evse, duration = payload["evseId"], payload["duration"]
        state = self._northbound.station(station)
        if evse and evse not in state.evses():
            return refused("UnknownEvse")  # K08.FR.05
        if not 1 <= duration <= LONGEST_SCHEDULE:
            return refused("ValueOutOfRange", f"duration: 1 to {LONGEST_SCHEDULE} s")
        unit = RateUnit(payload.get("chargingRateUnit", RateUnit.AMPERE))
        outlook = Outlook(
            state=state,
            allowed=(await self._book.of(station)).allowances(counting=True),
            installation=self._northbound.installation(station),
            device=self._northbound.device(station),
            now=self._northbound.now().replace(microsecond=0),
        )
        slices = outlook.composite(evse, duration, unit, fixed=True) if evse else outlook.total(duration, unit)
        direct = bool(evse) and outlook.wiring(evse).direct
        schedule: Json = {
            "evseId": evse,
            "duration": duration,
            "scheduleStart": timestamp(outlook.now),
            "chargingRateUnit": unit.value,
            "chargingSchedulePeriod": [_period(each, direct=direct) for each in slices],
        }
        return Reply(payload={"status": "Accepted", "schedule": schedule})

    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        """Keep the profile of a remote start until its transaction begins (F01.FR.10).

        Without smart charging it does not count (F01.FR.12).
        """
        station, evse = start.place.station, start.place.evse
        if not self._is_enabled(station):
            return None
        try:
            new = Installed.of(evse, charging_profile)
        except ValueError:
            return "InvalidProfile", "not a dateTime"
        if new.profile.purpose is not Purpose.TX or new.profile.transaction is not None:
            return "InvalidProfile", "a start takes a TxProfile without a transactionId"  # F01.FR.09, F01.FR.11
        refusal = unfit(new.profile, (wiring_of(self._northbound.installation(station), evse),))
        if refusal is not None:
            return refusal
        id_ = start.remote_start_id
        waiting = Start(remote_start_id=id_, installed=new, expires_at=start.expires_at)
        failed = await self._changed(station, lambda held: replace(held, starts={**held.starts, id_: waiting}))
        return ("InternalError", "the charging profile cannot be written") if failed else None

    async def _changed(self, station: str, rule: Callable[[Holdings], Holdings]) -> Reply | None:
        """Change what is kept, and have it count; the refusal if it cannot be written."""
        try:
            await self._book.change(station, rule)
        except GatewayError as error:
            return refused("InternalError", error.code)
        self._northbound.allowances_changed(station)
        return None

    async def _circumstances(self, station: str) -> Circumstances:
        state = self._northbound.station(station)
        return Circumstances(
            state=state,
            held=await self._book.of(station),
            reserved=frozenset(each.profile.id for _, each in constraints(state)),
            wiring=partial(wiring_of, self._northbound.installation(station)),
        )

    def _is_enabled(self, station: str) -> bool:
        return enabled(self._northbound.station(station), self._northbound.device(station))

    def _check_enabled(self, station: str) -> None:
        if not self._is_enabled(station):
            raise CallRefused("NotSupported", reason="smart charging is not available, or switched off")


def _period(each: Slice, *, direct: bool) -> Json:
    limit = NO_LIMIT if each.limit is None else tenths(each.limit)
    period: Json = {"startPeriod": each.start, "limit": limit}
    if each.phases is not None and not direct:
        period["numberPhases"] = each.phases
    return period
