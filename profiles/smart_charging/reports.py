"""GetChargingProfiles and what is reported upon it (OCPP 2.0.1 Part 2, K09); ClearChargingProfile's choice (K10)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gateway.contracts import Message
from gateway.model.charging import LimitSource, Purpose
from profiles.smart_charging.external import constraints
from profiles.smart_charging.variables import MOST_PERIODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.contracts import Json
    from gateway.model.station import StationState
    from profiles.smart_charging.book import Holdings, Installed

Row = tuple[LimitSource, "Installed"]

_MOST_IN_MESSAGE = 20


def matching(payload: Json, held: Holdings, state: StationState) -> list[Row]:
    """The profiles that meet every criterion of a GetChargingProfilesRequest, the backend's and those of others."""
    rows: list[Row] = [(LimitSource.CSO, each) for each in held.installed.values()]
    rows += constraints(state)
    return sorted((row for row in rows if _meets(row, payload)), key=_order)


def _meets(row: Row, payload: Json) -> bool:
    source, kept = row
    wanted = payload["chargingProfile"]
    return (
        payload.get("evseId") in {None, kept.evse}  # K09.FR.04 to K09.FR.06
        and kept.profile.id in wanted.get("chargingProfileId", (kept.profile.id,))
        and wanted.get("stackLevel") in {None, kept.profile.stack_level}
        and wanted.get("chargingProfilePurpose") in {None, kept.profile.purpose.value}
        and source.value in wanted.get("chargingLimitSource", (source.value,))
    )


def _order(row: Row) -> tuple[str, int, int]:
    return (row[0].value, row[1].evse, row[1].profile.id)


def report(request_id: int, rows: Iterable[Row]) -> list[Message]:
    """ReportChargingProfiles for profiles in their order; only the last has nothing to follow (K09.FR.02)."""
    pages = list(_pages(rows))
    return [
        Message(
            action="ReportChargingProfiles",
            payload={
                "requestId": request_id,  # K09.FR.01
                "chargingLimitSource": page[0][0].value,
                "evseId": page[0][1].evse,
                "chargingProfile": [kept.wire for _, kept in page],
                "tbc": number < len(pages),
            },
            requested=True,
        )
        for number, page in enumerate(pages, 1)
    ]


def _pages(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """A message has profiles of one source at one EVSE, and no more than it can carry well."""
    for _, group in groupby(rows, key=lambda row: (row[0], row[1].evse)):
        page: list[Row] = []
        periods = 0
        for row in group:
            count = len(row[1].profile.schedule.periods)
            if page and (len(page) == _MOST_IN_MESSAGE or periods + count > MOST_PERIODS):
                yield page
                page, periods = [], 0
            page.append(row)
            periods += count
        yield page


def to_clear(payload: Json, held: Holdings) -> set[int]:
    """The ids that a ClearChargingProfileRequest means; limits of others are none of them (K10.FR.03 to K10.FR.09)."""
    if "chargingProfileId" in payload:
        return {payload["chargingProfileId"]} & held.installed.keys()
    wanted = payload.get("chargingProfileCriteria", {})
    purpose = Purpose(wanted["chargingProfilePurpose"]) if "chargingProfilePurpose" in wanted else None
    return {
        id_
        for id_, each in held.installed.items()
        if wanted.get("evseId") in {None, each.evse}
        and purpose in {None, each.profile.purpose}
        and wanted.get("stackLevel") in {None, each.profile.stack_level}
    }
