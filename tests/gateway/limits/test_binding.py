"""The lowest limit binds, and is called by its name."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import LOAD, LimitName, LimitReason, binding
from gateway.model.charging import (
    ChargingPeriod,
    ChargingProfile,
    ChargingSchedule,
    Kind,
    LimitSource,
    Purpose,
    RateUnit,
)
from gateway.model.device import DeviceModel
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.installation import Installation, Outlet
from gateway.model.limits.allowances import Allowances
from gateway.model.limits.binding import by_backend
from gateway.model.limits.outlook import Outlook
from gateway.model.station import HeldLimit, StationState
from gateway.model.transactions import Transaction
from tests.fakes.clock import START

OUTLET = Outlet(connector_type="cType2", phases=3, power=22_080.0, current=32.0)
RUNNING = Transaction(id="tx", number=1, evse=1, connector=1, started_at=START, last_at=START, token=None)


def held(current: float | None, evse: int = 1, holder: str = "who", reason: LimitReason | None = None) -> HeldLimit:
    return HeldLimit(holder=holder, evse=evse, current=current, at=START, source=LimitSource.OTHER, reason=reason)


def profile(limit: float, purpose: Purpose = Purpose.TX_DEFAULT, level: int = 0) -> ChargingProfile:
    schedule = ChargingSchedule(
        id=1, unit=RateUnit.AMPERE, start=START, periods=(ChargingPeriod(start=0, limit=limit),)
    )
    of = "tx" if purpose is Purpose.TX else None
    return ChargingProfile(
        id=level, stack_level=level, purpose=purpose, kind=Kind.ABSOLUTE, schedules=(schedule,), transaction=of
    )


def outlook(*limits: HeldLimit, evses: int = 1, **profiles: tuple[ChargingProfile, ...]) -> Outlook:
    """A station that charges at EVSE 1; profiles of EVSE 1 (``own``) and of the station (``whole``)."""
    occupied = [
        ConnectorState(evse=evse, connector=1, reported=ConnectorStatus.OCCUPIED, at=START)
        for evse in range(1, evses + 1)
    ]
    return Outlook(
        state=StationState(id="S", connectors=tuple(occupied), transactions=(RUNNING,), limits=limits),
        allowed=Allowances(profiles={1: profiles.get("own", ()), 0: profiles.get("whole", ())}),
        installation=Installation(outlets={(evse, 1): OUTLET for evse in range(1, evses + 1)}),
        device=DeviceModel.of((), {}, ()),
        now=START,
    )


def bound(view: Outlook, evse: int = 1) -> tuple[float | None, str, str]:
    found = binding(view, evse, view.limits()[0][evse])
    return found.current, found.reason.code, found.holder


def test_the_lowest_of_all_purposes_and_holders_binds() -> None:
    assert bound(outlook()) == (32.0, "built", "")
    assert bound(outlook(held(40.0))) == (32.0, "built", "")
    assert bound(outlook(held(20.0))) == (20.0, "other", "who")
    assert bound(outlook(held(20.0, 0, LOAD))) == (20.0, "load", "load")
    own = (profile(16.0), profile(10.0, Purpose.TX))
    assert bound(outlook(held(20.0), own=own)) == (10.0, "TxProfile", "")
    assert bound(outlook(held(20.0), own=own[:1])) == (16.0, "TxDefaultProfile", "")
    most = (profile(9.0, Purpose.STATION_MAX),)
    assert bound(outlook(held(20.0), own=own, whole=most)) == (9.0, "ChargingStationMaxProfile", "")
    grid = held(8.0, 0, "utility", LimitReason(code=LimitName.GRID))
    assert bound(outlook(held(20.0), grid, own=own, whole=most)) == (8.0, "grid", "utility")


def test_the_profile_that_counts_is_named_with_its_level() -> None:
    own = (profile(16.0, level=1), profile(20.0, level=2), profile(6.0, level=0))
    view = outlook(own=own)
    assert binding(view, 1, view.limits()[0][1]).reason.text == "TxDefaultProfile (level 2, profile 2)"
    ended = replace(own[1], valid_to=START)
    view = outlook(own=(own[0], ended, own[2]))
    assert binding(view, 1, view.limits()[0][1]).reason.text == "TxDefaultProfile (level 1, profile 1)"


def test_each_profile_that_counts_tells_what_it_allows_by_itself() -> None:
    most = (profile(9.0, Purpose.STATION_MAX, 4),)
    view = outlook(own=(profile(16.0), profile(10.0, Purpose.TX, 7)), whole=most)
    told = [(each.current, each.reason.text) for each in by_backend(view, 1)]
    assert told == [(10.0, "TxProfile (level 7, profile 7)"), (9.0, "ChargingStationMaxProfile (level 4, profile 4)")]
    assert by_backend(outlook(held(5.0)), 1) == ()


def test_a_tx_profile_that_allows_more_hides_the_default() -> None:
    own = (profile(10.0), profile(16.0, Purpose.TX))
    assert bound(outlook(own=own)) == (16.0, "TxProfile", "")


def test_where_the_stations_limit_is_shared_it_binds_both() -> None:
    assert bound(outlook(held(24.0, 0), evses=2)) == (12.0, "other", "who")
    view = outlook(held(30.0, 2), evses=2, whole=(profile(24.0, Purpose.STATION_MAX),))
    assert bound(view, 1) == bound(view, 2) == (12.0, "ChargingStationMaxProfile", "")
    view = outlook(held(7.0, 2), evses=2, whole=(profile(24.0, Purpose.STATION_MAX),))
    assert bound(view, 1) == (17.0, "ChargingStationMaxProfile", "")
    assert bound(view, 2) == (7.0, "other", "who")


def test_without_load_management_its_limits_are_left_out() -> None:
    view = outlook(held(8.0, 1, LOAD), held(20.0))
    assert view.without(LOAD).limits()[0] == {1: 20.0}
    assert view.without("nobody") is view


def test_nothing_is_known_where_nobody_says_anything() -> None:
    view = replace(outlook(), installation=Installation())
    assert bound(view) == (None, "nothing", "")


@given(
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from((0, 1, 2)), st.sampled_from(("a", "b", LOAD))), max_size=5),
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from((Purpose.TX, Purpose.TX_DEFAULT))), max_size=3),
    st.none() | st.floats(0, 60),
    st.sampled_from((1, 2)),
)
def test_what_binds_is_what_the_evse_may_draw(
    limits: list[tuple[float, int, str]], own: list[tuple[float, Purpose]], most: float | None, evses: int
) -> None:
    view = outlook(
        *(held(round(current, 1), evse, holder) for current, evse, holder in limits),
        evses=evses,
        own=tuple(profile(round(limit, 1), purpose, level) for level, (limit, purpose) in enumerate(own)),
        whole=() if most is None else (profile(round(most, 1), Purpose.STATION_MAX),),
    )
    for evse, allowed in view.limits()[0].items():
        assert binding(view, evse, allowed).current == min(32.0, 32.0 if allowed is None else allowed)
