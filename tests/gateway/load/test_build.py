"""From a site file to circuits, EVSEs, priorities and restrictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config.load import examine
from gateway.load.build import build
from gateway.load.controller import Controller
from gateway.load.observation import EvseSeen, Observation
from gateway.load.site import Control, Fuse
from gateway.model.throttle import OwnLimit
from gateway.plugins import load_sensors, sensor_models
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.config.load import Examined
    from gateway.load.build import Built

TREE = """\
[[circuit]]
id = "chargers"
parent = "main"
max_current = [40, 32, 32]
fuse = "none"
priority = 3
imbalance = "none"
stations = ["AT-1", "AT-2/1"]
reduce = [{ sensor = "ripple", rule = "14a", name = "dimmed" }, { sensor = "off", max_current = 0, lost = "keep" }]
plan = [{ days = ["mon-fri"], from = "17:00", to = "20:00", max_current = 20 }]

[[circuit]]
id = "main"
max_current = 50
rating = 63
fuse = "C"
base_load = [20, 10, 0]
fail_safe_current = 8
stations = ["AT-2/2"]

[[circuit]]
id = "other"
parent = "main"
max_current = 32
base_load = [10, 12, 0]

[load]
country = "AT"
rotation = 600
dwell = 30

[[sensor]]
name = "ripple"
kind = "gpio"
line = { chip = "/dev/gpiochip0", offset = 17 }
component = "LocalPowerController"
instance = "ripple"
variable = "Active"

[[sensor]]
name = "off"
kind = "gpio"
line = { chip = "/dev/gpiochip0", offset = 18 }
component = "LocalPowerController"
instance = "off"
variable = "Active"
"""
OWN = OwnLimit(failsafe=6.0, failsafe_timeout=60.0)
SITE = (
    GOOD.replace("max_current = 32 }", 'max_current = 32, phases = 3, rotation = "STR" }\npriority = 7')
    .replace('phases = 1, rotation = "RST" }', 'phases = 1, phase = "L3" }\nminimum_current = 8')
)  # fmt: skip


@pytest.fixture(autouse=True)
def taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sections are taken, whether this version does anything with them or not."""
    monkeypatch.setattr("gateway.config.draft.LATER_SECTIONS", ())


def examined(folder: Path, text: str, own: OwnLimit | None) -> Examined:
    means = frozenset({"remote"})
    adapters = {
        name: replace(each, own_limit=lambda _: own, controls=lambda _: means) for name, each in ADAPTERS.items()
    }
    kinds = sensor_models(load_sensors())
    return examine(write_site(folder, text), adapters, profiles=PROFILES, sensors=kinds)


def built(folder: Path, text: str = SITE + TREE, own: OwnLimit | None = OWN) -> Built:
    site = examined(folder, text, own).site
    assert site is not None
    return build(site.box.name, site.circuit, site.station, site.load, site.box.timezone, lambda _: own)


def test_circuits_come_parents_first_with_what_the_file_says(tmp_path: Path) -> None:
    made = built(tmp_path)
    main, chargers, other = (made.site.node[each] for each in ("main", "chargers", "other"))
    assert made.site.nodes[0] == main
    assert (main.limit, main.rated, main.fuse, main.parent) == ((50, 50, 50), 63, Fuse.B, "")
    assert (chargers.limit, chargers.rated, chargers.parent) == ((40, 32, 32), 40, "main")
    assert (main.imbalance, chargers.imbalance, other.imbalance) == (16, None, None)
    # L2 of the child circuit alone is more than what was said of all.
    assert main.base_failsafe == (20, 12, 0)
    assert (made.policy.rotation, made.policy.rest) == (600, 30)


@pytest.mark.parametrize("tells", [True, False])
def test_who_tells_what_flows_is_measured(tmp_path: Path, tells: bool) -> None:  # noqa: FBT001
    made = built(tmp_path, own=replace(OWN, tells=tells))
    assert {each.measured for each in made.site.evses} == {tells}


def test_evses_are_wired_limited_and_served_as_the_file_says(tmp_path: Path) -> None:
    made = built(tmp_path)
    rotated, single, unknown = (made.site.evse[each] for each in ("AT-1/1", "AT-2/1", "AT-2/2"))
    assert (rotated.node, rotated.phases, rotated.maximum) == ("chargers", (1, 2, 0), 32)
    assert (single.phases, single.minimum) == ((2,), 8)
    assert (unknown.node, unknown.phases, unknown.minimum) == ("main", (0, 1, 2), 6)
    assert {each.failsafe for each in made.site.evses} == {6}
    assert made.priorities == {"AT-1/1": 7, "AT-2/1": 3, "AT-2/2": 0}
    assert made.spots["AT-2/1"] == ("AT-2", 1)


def test_who_keeps_its_limit_without_the_box_gets_no_more_than_the_fail_safe_without_a_meter(tmp_path: Path) -> None:
    text = SITE + TREE.replace("max_current = 50", "max_current = 90").replace("rating = 63", "rating = 100")
    made = built(tmp_path, text.replace("32, 32]", "48, 48]"), OwnLimit())
    assert {each.id: (each.failsafe, each.failsafe_timeout) for each in made.site.evses} == dict.fromkeys(
        ("AT-1/1", "AT-2/1", "AT-2/2"), (8, float("inf"))
    )
    assert made.means["AT-1/1"].failsafe == 32


def test_who_cannot_be_limited_is_a_load_of_every_circuit_above(tmp_path: Path) -> None:
    text = SITE + TREE.replace("max_current = 50", "max_current = 90").replace("rating = 63", "rating = 100")
    made = built(tmp_path, text.replace("[40, 32, 32]", "48"), None)
    assert made.site.evses == ()
    assert made.unlimited == ("AT-1/1", "AT-2/1", "AT-2/2")
    assert made.site.node["chargers"].base_failsafe == (32, 32, 48)
    assert made.site.node["main"].base_failsafe == (20 + 48, 12 + 48, 64)


def test_an_added_contactor_switches(tmp_path: Path) -> None:
    text = SITE.replace("priority = 7", "control = { remote = true, draws = 20 }")
    tree = TREE.replace("max_current = 50", "max_current = 63")
    switched = built(tmp_path, text + tree, replace(OWN, certain=False)).site.evse["AT-1/1"]
    assert (switched.control, switched.fixed, switched.maximum) == (Control.ONOFF, 20, 20)


def test_contacts_and_the_clock_lower_what_a_circuit_may_carry(tmp_path: Path) -> None:
    made = built(tmp_path)
    rules = made.restrictions
    noon, evening = datetime(2026, 11, 23, 11, tzinfo=UTC), datetime(2026, 11, 23, 17, tzinfo=UTC)
    free = {"ripple/0": False, "off/0": False}
    assert [(each.name, each.source) for each in rules.every] == [
        ("dimmed", "SO"),
        ("off", "SO"),
        ("17:00-20:00", "EMS"),
    ]
    assert rules.limits(made.site, rules.standing(noon, free)) == {}
    assert rules.limits(made.site, rules.standing(evening, free)) == {"chargers": (20, 20, 20)}
    assert rules.next_change(noon) == datetime(2026, 11, 23, 16, tzinfo=UTC)
    # Two devices: 4.2 kW, and 0.8 of it for the second, over three phases of 230 V.
    dimmed = rules.limits(made.site, rules.standing(noon, free | {"ripple/0": True}))
    assert dimmed["chargers"] == pytest.approx([4200 * 1.8 / 690] * 3)
    assert rules.limits(made.site, rules.standing(noon, free | {"off/0": True})) == {"chargers": (0, 0, 0)}


def test_a_lost_contact_reduces_or_leaves_it_as_it_was(tmp_path: Path) -> None:
    rules = built(tmp_path).restrictions
    noon = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert rules.standing(noon, {}) == {0}
    assert rules.standing(noon, {"ripple/0": False, "off/0": None}, frozenset({1})) == {1}


def test_the_controller_takes_it(tmp_path: Path) -> None:
    made = built(tmp_path)
    cars = tuple(EvseSeen(id=each.id, plugged=True, session="1", i=(0, 0, 0), t_meas=0.0) for each in made.site.evses)
    limits = made.restrictions.limits(made.site, frozenset({1}))
    decision = Controller(made.site, made.policy).step(Observation(t=0.0, limits=limits, evses=cars))
    assert decision.setpoints["AT-1/1"] == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.tuples(*[st.integers(0, 70)] * 3), fallback=st.sampled_from([0.0, 6.0, 16.0]))
def test_the_check_refuses_just_what_overloads_the_fuse(
    base: tuple[int, int, int], fallback: float, tmp_path: Path
) -> None:
    text = SITE + TREE.replace("base_load = [20, 10, 0]", f"base_load = {list(base)}")
    outcome = examined(tmp_path, text, OwnLimit(failsafe=fallback, failsafe_timeout=60.0))
    behind = (10, 12, 0)
    flows = [max(base[each], behind[each]) + (3 if each == 2 else 2) * fallback for each in range(3)]
    told = {each.code for each in outcome.findings if each.params.get("circuit") == "main"}
    assert ("circuit-fallback" in told) is (max(flows) > 63)
    assert ("circuit-fallback-limit" in told) is (50 < max(flows) <= 63)
    assert (outcome.site is None) is any(each.severity == "error" for each in outcome.findings)
