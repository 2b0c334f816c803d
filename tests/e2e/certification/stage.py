"""Where cases of smart charging are played: a station that takes limits, and short ways to ask for what a case asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Pair, Side

EARLIER = 2
"""Seconds that a schedule begins before it is sent: two clocks need not agree."""

NEAR = 8
"""Seconds that a period may be off for that, and for the way of the messages."""

CARD = {"idToken": "04A1B2C3", "type": "ISO14443"}


def at(seconds: float = 0) -> str:
    """A time so many seconds from now."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def schedule(*periods: tuple[int, float], **fields: Any) -> Payload:
    """A ChargingScheduleType in A."""
    listed = [{"startPeriod": start, "limit": limit, "numberPhases": 3} for start, limit in periods or ((0, 6.0),)]
    return {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": listed, **fields}


def profile(number: int, purpose: str = "TxDefaultProfile", *periods: tuple[int, float], **fields: Any) -> Payload:
    """A ChargingProfileType, absolute and at level 0; ``duration`` and ``start`` are its schedule's."""
    inside: Payload = {"startSchedule": fields.pop("start", at(-EARLIER))}
    if "duration" in fields:
        inside["duration"] = fields.pop("duration")
    if fields.get("chargingProfileKind") == "Relative":
        del inside["startSchedule"]
    return {
        "id": number, "stackLevel": 0, "chargingProfilePurpose": purpose, "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule(*periods, **inside)], **fields,
    }  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Stage:
    """One station and its CSMS.

    Attributes:
        evse: The one that cases are configured for.
        transaction: The one that runs, if one does.
    """

    both: Pair
    side: Side
    evse: int = 1
    transaction: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    async def install(self, evse: int, wanted: Payload) -> str:
        """SetChargingProfile; the status."""
        answer = await self.side.call("SetChargingProfile", evseId=evse, chargingProfile=wanted)
        return str(answer["status"])

    async def clear(self, **fields: Any) -> str:
        """ClearChargingProfile; the status."""
        return str((await self.side.call("ClearChargingProfile", **fields))["status"])

    async def reported(self, evse: int | None = None, **criterion: Any) -> list[tuple[int, Payload]]:
        """GetChargingProfiles: EVSE and profile of what is reported; nothing for ``NoProfiles``."""
        number, since = next(self._numbers), self.both.world.news
        where = {} if evse is None else {"evseId": evse}
        answer = await self.side.call("GetChargingProfiles", requestId=number, chargingProfile=criterion, **where)
        if answer["status"] == "NoProfiles":
            return []
        await self.side.heard("ReportChargingProfiles", since, requestId=number, tbc=False)
        pages = self.side.received("ReportChargingProfiles", since)
        assert {page["requestId"] for page in pages} == {number}
        return [(page["evseId"], same(each)) for page in pages for each in page["chargingProfile"]]

    async def composite(self, evse: int, duration: int) -> list[tuple[int, float]]:
        """GetCompositeSchedule in A: start and limit of each period."""
        answer = await self.side.call("GetCompositeSchedule", evseId=evse, duration=duration, chargingRateUnit="A")
        assert answer["status"] == "Accepted"
        found = answer["schedule"]
        assert (found["evseId"], found["duration"], found["chargingRateUnit"]) == (evse, duration, "A")
        begins = datetime.fromisoformat(found["scheduleStart"])
        assert abs((begins - datetime.now(UTC)).total_seconds()) <= NEAR
        return [(period["startPeriod"], period["limit"]) for period in found["chargingSchedulePeriod"]]

    async def charge(self, **start: Any) -> str:
        """State EnergyTransferStarted; the transaction."""
        await self.both.stand.sim.plug_in(self.evse)
        since, number = self.both.world.news, next(self._numbers)
        answer = await self.side.call(
            "RequestStartTransaction", idToken=CARD, remoteStartId=number, evseId=self.evse, **start
        )
        assert answer["status"] == "Accepted"
        await self.side.until(lambda: "Charging" in self._states(since))
        events = self.side.received("TransactionEvent", since)
        self.transaction = events[0]["transactionInfo"]["transactionId"]
        (started,) = [event for event in events if event["triggerReason"] == "RemoteStart"]
        assert started["transactionInfo"]["remoteStartId"] == number
        assert answer.get("transactionId", self.transaction) == self.transaction
        return self.transaction

    def _states(self, since: int) -> set[str]:
        events = self.side.received("TransactionEvent", since)
        return {event["transactionInfo"].get("chargingState", "") for event in events}

    async def restart(self) -> None:
        """State Booted."""
        since = self.both.world.news
        assert (await self.side.call("Reset", type="Immediate"))["status"] == "Accepted"
        await self.side.heard("BootNotification", since)
        await self.side.heard("StatusNotification", since)

    async def tidy(self) -> None:
        """No transaction, no vehicle and no charging profile."""
        since = self.both.world.news
        if self.transaction:
            await self.side.call("RequestStopTransaction", transactionId=self.transaction)
            await self.side.heard("TransactionEvent", since, eventType="Ended")
            self.transaction = ""
        if self.both.stand.outlet.summary()["plugged"]:
            await self.both.stand.sim.plug_out(self.evse)
            await self.side.heard("StatusNotification", since, connectorStatus="Available")
        await self.clear(chargingProfileCriteria={})


def same(wanted: Payload) -> Payload:
    """A profile without what says nothing: fractions of a second that are 0."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        if isinstance(value, str) and value.endswith("Z"):
            return datetime.fromisoformat(value).isoformat(timespec="milliseconds")
        return value

    found = plain(wanted)
    assert isinstance(found, dict)
    return found


def fits(found: list[tuple[int, float]], *wanted: tuple[int, float]) -> None:
    """The periods are those that are wanted, at about that time."""
    assert [limit for _, limit in found] == [limit for _, limit in wanted], found
    assert all(abs(one - other) <= NEAR for (one, _), (other, _) in zip(found, wanted, strict=True)), found
