"""The cases of the profile Smart Charging, each as a function of its name (Part 6, TC_K)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.certification.stage import EARLIER, at, fits, profile, same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.stage import Stage

    Case = Callable[[Stage], Awaitable[None]]

TX, DEFAULT, MOST = "TxProfile", "TxDefaultProfile", "ChargingStationMaxProfile"
NOBODY = "UNKNOWN-TRANSACTION-ID"
LEAST = 6.0
"""A per phase: what the profiles of the cases allow."""
FREE = 32.0
"""A per phase: what the EVSE is built for."""


async def tc_k_01_cs(stage: Stage) -> None:
    wanted = profile(1, duration=300)
    assert await stage.install(stage.evse, wanted) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == [(stage.evse, same(wanted))]


async def tc_k_10_cs(stage: Stage) -> None:
    wanted = profile(1, duration=300)
    assert await stage.install(0, wanted) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == [(0, same(wanted))]


async def tc_k_60_cs(stage: Stage) -> None:
    running = await stage.charge()
    wanted = profile(1, TX, chargingProfileKind="Relative", transactionId=running)
    assert await stage.install(stage.evse, wanted) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == [(stage.evse, same(wanted))]


async def tc_k_02_cs(stage: Stage) -> None:
    assert await stage.install(stage.evse, profile(1, TX, transactionId=NOBODY)) == "Rejected"


async def tc_k_11_cs(stage: Stage) -> None:
    assert await stage.install(0, profile(1, TX)) == "Rejected"


async def tc_k_03_cs(stage: Stage) -> None:
    wanted = profile(1, MOST, duration=300)
    assert await stage.install(0, wanted) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == [(0, same(wanted))]


async def tc_k_19_cs(stage: Stage) -> None:
    for kind in ("Daily", "Weekly"):
        wanted = profile(1, duration=3600, chargingProfileKind="Recurring", recurrencyKind=kind)
        assert await stage.install(stage.evse, wanted) == "Accepted"


async def tc_k_13_cs(stage: Stage) -> None:
    wanted = profile(1, duration=300)
    assert await stage.install(stage.evse, wanted) == "Accepted"
    await stage.restart()
    assert await stage.reported(chargingProfileId=[1]) == [(stage.evse, same(wanted))]


async def tc_k_14_cs(stage: Stage) -> None:
    assert await stage.install(stage.evse + 1, profile(1)) == "Rejected"


async def tc_k_28_cs(stage: Stage) -> None:
    await stage.charge()
    wanted = profile(1, duration=300, validFrom=at(-EARLIER), validTo=at(300 + EARLIER))
    assert await stage.install(stage.evse, wanted) == "Accepted"
    assert (await stage.composite(stage.evse, 300))[0] == (0, 6.0)


async def tc_k_16_cs(stage: Stage) -> None:
    await stage.charge()
    assert await stage.install(stage.evse, profile(1, TX, transactionId=NOBODY)) == "Rejected"


async def tc_k_21_cs(stage: Stage) -> None:
    wanted = profile(1, chargingProfileKind="Relative", validFrom=at(300))
    assert await stage.install(stage.evse, wanted) == "Accepted"
    fits(await stage.composite(stage.evse, 400), (0, FREE), (300, 6.0))


async def tc_k_22_cs(stage: Stage) -> None:
    wanted = profile(1, start=at(), validFrom=at(-EARLIER), validTo=at(300))
    assert await stage.install(0, wanted) == "Accepted"
    for evse in (0, stage.evse):
        fits(await stage.composite(evse, 400), (0, 6.0), (300, FREE))


async def tc_k_23_cs(stage: Stage) -> None:
    wanted = profile(1, start=at(60 - EARLIER), validFrom=at(50 - EARLIER), validTo=at(400 + EARLIER))
    assert await stage.install(stage.evse, wanted) == "Accepted"
    fits(await stage.composite(stage.evse, 300), (0, FREE), (60, 6.0))


async def tc_k_04_cs(stage: Stage) -> None:
    assert await stage.install(stage.evse, profile(1)) == "Accepted"
    wanted = profile(1, DEFAULT, (0, 10.0))
    assert await stage.install(stage.evse, wanted) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == [(stage.evse, same(wanted))]


async def tc_k_37_cs(stage: Stage) -> None:
    wanted = profile(1, TX, chargingProfileKind="Relative")
    running = await stage.charge(chargingProfile=wanted)
    told = await stage.reported(chargingProfileId=[1])
    assert told == [(stage.evse, same({**wanted, "transactionId": running}))]


async def tc_k_39_cs(stage: Stage) -> None:
    assert (await stage.composite(0, 300))[0][0] == 0


async def tc_k_40_cs(stage: Stage) -> None:
    valid = {"validFrom": at(-EARLIER), "validTo": at(401 + EARLIER)}
    below = profile(1, DEFAULT, (0, 6.0), (100, 8.0), (200, 10.0), duration=400 + EARLIER, **valid)
    above = profile(2, DEFAULT, (0, 7.0), (100, 9.0), duration=150 + EARLIER, stackLevel=1, **valid)
    assert await stage.install(stage.evse, below) == "Accepted"
    assert await stage.install(stage.evse, above) == "Accepted"
    fits(await stage.composite(stage.evse, 350), (0, 7.0), (100, 9.0), (150, 8.0), (200, 10.0))


async def tc_k_41_cs(stage: Stage) -> None:
    running = await stage.charge()
    valid = {"validFrom": at(-EARLIER), "validTo": at(401 + EARLIER)}
    default = ((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0))
    own = ((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0))
    assert await stage.install(0, profile(1, MOST, (0, 10.0), duration=86400)) == "Accepted"
    assert await stage.install(stage.evse, profile(2, DEFAULT, *default, duration=300, **valid)) == "Accepted"
    mine = profile(3, TX, *own, duration=260, transactionId=running, **valid)
    assert await stage.install(stage.evse, mine) == "Accepted"
    found = await stage.composite(stage.evse, 400)
    fits(found, (0, 8.0), (50, 10.0), (200, 6.0), (240, 10.0), (260, 8.0), (300, 10.0))


async def tc_k_47_cs(stage: Stage) -> None:
    asked = {"evseId": stage.evse + 1, "duration": 300, "chargingRateUnit": "A"}
    answer = await stage.side.call("GetCompositeSchedule", **asked)
    assert answer["status"] == "Rejected"
    assert "schedule" not in answer


async def _two(stage: Stage, level: int = 0, most: int = 0) -> tuple[tuple[int, object], tuple[int, object]]:
    """A profile of the station and one of the EVSE at their levels, as they are to be reported."""
    whole, default = profile(1, MOST, stackLevel=most), profile(2, stackLevel=level)
    assert await stage.install(0, whole) == "Accepted"
    assert await stage.install(stage.evse, default) == "Accepted"
    return (0, same(whole)), (stage.evse, same(default))


async def tc_k_29_cs(stage: Stage) -> None:
    most, _ = await _two(stage)
    assert await stage.reported(0) == [most]


async def tc_k_30_cs(stage: Stage) -> None:
    _, default = await _two(stage)
    assert await stage.reported(stage.evse) == [default]


async def tc_k_31_cs(stage: Stage) -> None:
    most, default = await _two(stage)
    assert sorted(await stage.reported(), key=lambda each: each[0]) == [most, default]


async def tc_k_32_cs(stage: Stage) -> None:
    most, _ = await _two(stage)
    assert await stage.reported(chargingProfileId=[1]) == [most]


async def tc_k_33_cs(stage: Stage) -> None:
    _, default = await _two(stage, level=3)
    assert await stage.reported(stage.evse, stackLevel=3) == [default]


async def tc_k_34_cs(stage: Stage) -> None:
    _, default = await _two(stage, level=3)
    assert await stage.reported(stage.evse, chargingLimitSource=["CSO"]) == [default]
    assert await stage.reported(stage.evse, chargingLimitSource=["SO"]) == []


async def tc_k_35_cs(stage: Stage) -> None:
    await stage.charge()
    _, default = await _two(stage)
    assert await stage.reported(stage.evse, chargingProfilePurpose=DEFAULT) == [default]


async def tc_k_36_cs(stage: Stage) -> None:
    _, default = await _two(stage, level=3, most=3)
    assert await stage.reported(stage.evse, chargingProfilePurpose=DEFAULT, stackLevel=3) == [default]


async def tc_k_05_cs(stage: Stage) -> None:
    assert await stage.install(stage.evse, profile(1)) == "Accepted"
    assert await stage.clear(chargingProfileId=1) == "Accepted"
    assert await stage.reported(chargingProfileId=[1]) == []


async def tc_k_06_cs(stage: Stage) -> None:
    await stage.charge()
    assert await stage.install(stage.evse, profile(1)) == "Accepted"
    meant: Payload = {"chargingProfilePurpose": DEFAULT, "stackLevel": 0}
    assert await stage.clear(chargingProfileCriteria=meant) == "Accepted"
    assert await stage.reported(**meant) == []


async def tc_k_07_cs(stage: Stage) -> None:
    assert await stage.install(stage.evse, profile(1, stackLevel=1)) == "Accepted"
    assert await stage.clear(chargingProfileCriteria={"chargingProfilePurpose": MOST, "stackLevel": 0}) == "Unknown"


async def tc_k_08_cs(stage: Stage) -> None:
    assert await stage.clear(chargingProfileId=1) == "Unknown"


@pytest.mark.ocpp("K02.FR.02")
async def tc_k_09_cs(stage: Stage) -> None:
    wanted = profile(1, start=at(), duration=400 + EARLIER, validFrom=at(-EARLIER), validTo=at(401 + EARLIER))
    assert await stage.install(stage.evse, wanted) == "Accepted"
    assert stage.both.stand.is_held
    await stage.charge()
    assert stage.both.stand.look().offered == LEAST
    assert (await stage.composite(stage.evse, 300))[0] == (0, 6.0)
    assert await stage.clear(chargingProfileCriteria={"chargingProfilePurpose": DEFAULT}) == "Accepted"
    assert await stage.composite(stage.evse, 300) == [(0, FREE)]


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_k_01_cs, tc_k_10_cs, tc_k_60_cs, tc_k_02_cs, tc_k_11_cs, tc_k_03_cs, tc_k_19_cs, tc_k_13_cs, tc_k_14_cs,
        tc_k_28_cs, tc_k_16_cs, tc_k_21_cs, tc_k_22_cs, tc_k_23_cs, tc_k_04_cs, tc_k_37_cs, tc_k_39_cs, tc_k_40_cs,
        tc_k_41_cs, tc_k_47_cs, tc_k_29_cs, tc_k_30_cs, tc_k_31_cs, tc_k_32_cs, tc_k_33_cs, tc_k_34_cs, tc_k_35_cs,
        tc_k_36_cs, tc_k_05_cs, tc_k_06_cs, tc_k_07_cs, tc_k_08_cs, tc_k_09_cs,
    )
}  # fmt: skip
"""By id."""
