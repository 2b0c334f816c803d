"""What load management has to reckon with at each kind of station."""

from __future__ import annotations

import math

import pytest

from adapters.ocpp1x.failsafe import own_limit_16
from gateway.config.control import ControlKeys
from gateway.family.library import find_family
from gateway.family.throttle import own_limit
from gateway.load.means import Means, means_of
from gateway.load.site import Control
from gateway.model.throttle import OwnLimit, Throttle


def test_what_nothing_limits_counts_with_all_of_its_current() -> None:
    nothing = Means(control=None, fixed=32.0, failsafe=32.0)
    assert means_of(32.0, None, None) == nothing
    assert means_of(32.0, None, OwnLimit(throttle=Throttle.NONE)) == nothing


def test_a_16_station_falls_back_where_the_site_file_says_so() -> None:
    falling = means_of(32.0, None, own_limit_16(6.0, 600.0))
    assert (falling.control, falling.failsafe, falling.failsafe_timeout) == (Control.AMP, 6.0, 600.0)
    assert not falling.certain
    keeping = means_of(32.0, None, own_limit_16(None, 600.0))
    assert (keeping.failsafe, keeping.failsafe_timeout) == (32.0, math.inf)


@pytest.mark.parametrize(
    ("family", "asked", "failsafe", "timeout"),
    [
        ("heidelberg-ec", (6.0, 60.0), 6.0, 60.0),
        ("heidelberg-ec", (6.0, None), 6.0, math.inf),  # only the station knows when
        ("heidelberg-ec", (None, None), 16.0, math.inf),
        ("alfen-eve", (6.0, 60.0), 32.0, math.inf),  # its fall-back is set elsewhere
        ("keba-udp", (8.0, 60.0), 8.0, 60.0),
        ("evse-din", (6.0, 60.0), 32.0, math.inf),
    ],
)
def test_a_family_station_falls_back_as_its_watchdog_really_does(
    family: str, asked: tuple[float | None, float | None], failsafe: float, timeout: float
) -> None:
    means = means_of(32.0, None, own_limit(find_family(family, None).base, *asked))
    assert means.control is Control.AMP
    assert (means.failsafe, means.failsafe_timeout) == (failsafe, timeout)
    assert means.minimum >= 6.0


@pytest.mark.parametrize(("family", "tells"), [("alfen-eve", True), ("bender-cc61x", True), ("evse-din", False)])
def test_a_family_with_a_point_for_currents_tells_what_flows(family: str, tells: bool) -> None:  # noqa: FBT001
    own = own_limit(find_family(family, None).base)
    assert means_of(32.0, None, own).tells is tells
    assert means_of(32.0, ControlKeys(output="io/relay"), own).tells is tells


def test_only_the_single_station_of_ocpp_shows_whether_it_tells_what_flows() -> None:
    assert not means_of(32.0, None, own_limit_16(6.0, 600.0)).tells
    assert not means_of(32.0, ControlKeys(remote=True), None).tells


def test_a_family_limited_in_watts_has_steps_in_amperes() -> None:
    found = own_limit(find_family("delta", None).base)
    assert found is not None
    assert 0 < found.step < 1.5
    assert found.minimum >= 6.0


def test_a_contactor_is_a_block_that_stays_as_it_is() -> None:
    means = means_of(32.0, ControlKeys(output="io/relay", draws=16.0), None)
    assert means == Means(control=Control.ONOFF, fixed=16.0, failsafe=16.0, apart=True)
    watched = ControlKeys(output="io/relay", failsafe_current=0.0, failsafe_timeout=10.0)
    assert (means_of(32.0, watched, None).failsafe, means_of(32.0, watched, None).failsafe_timeout) == (0.0, 10.0)


def test_configured_means_count_before_the_stations_own() -> None:
    means = means_of(32.0, ControlKeys(key="k", minimum=8.0, step=2.0), own_limit_16(6.0, 600.0))
    assert (means.control, means.minimum, means.step, means.failsafe) == (Control.AMP, 8.0, 2.0, 32.0)
    assert means_of(32.0, ControlKeys(pwm="io/out"), None).step == 0.6
    assert means_of(32.0, ControlKeys(remote=True), None).control is Control.ONOFF


def test_only_what_the_box_drives_by_itself_works_without_the_station() -> None:
    assert means_of(32.0, ControlKeys(pwm="io/out"), None).apart
    assert not means_of(32.0, ControlKeys(remote=True), None).apart
    assert not means_of(32.0, ControlKeys(key="k"), None).apart
    assert not means_of(32.0, None, own_limit_16(6.0, 600.0)).apart
