"""A plant that is simulated elsewhere drives load management by JSON lines."""

from __future__ import annotations

import asyncio
import sys
from io import BytesIO
from typing import Any

import orjson
import pytest

from gateway.cli.load_cosim import serve
from gateway.cli.tools import Tools
from gateway.load.cosim import Cosimulation
from gateway.locale import Catalogue
from gateway.model.errors import GatewayError
from tests.gateway.cli.running import adapters

Json = dict[str, Any]
LIMIT = 40.0


def plant(*evses: Json, limit: Any = LIMIT, **more: Any) -> Json:
    """A connection of so many A with a meter, whose phases may be loaded as one likes."""
    main = {"id": "main", "parent": None, "limit": limit, "rated": LIMIT, "fuse": "gG", "metered": True}
    main["imbalance"] = 100
    found = list(evses) or [evse("A")]
    return {"name": "plant", "ctrl_dt": 1.0, "voltage": 230.0, "nodes": [main | more], "evses": found}


def evse(name: str, **more: Any) -> Json:
    told = {"id": name, "node": "main", "max": 32, "min": 6, "phases": [0, 1, 2], "res": 1.0, "ctrl": "amp"}
    return told | {"failsafe": 6, "failsafe_timeout": 60, "meas": True} | more


def car(name: str, amps: float = 0.0, t: float = 0.0, **more: Any) -> Json:
    told = {"id": name, "online": True, "state": "C", "i": [amps] * 3, "t_meas": t, "setpoint": amps}
    return told | {"csms_limit": None, "session": "visit", "priority": 0, "plugged": True} | more


def seen(t: float, amps: float, *cars: Json) -> Json:
    """An observation of a meter that shows so much on all phases."""
    meters = {"main": {"t": t, "i": [amps] * 3}}
    return {"t": t, "limits": {"main": [LIMIT] * 3}, "meters": meters, "evses": list(cars)}


GONE: Json = {"id": "B", "online": True, "state": "A", "i": None, "t_meas": None, "setpoint": 0, "session": None}


def settled(simulation: Cosimulation, seconds: int = 120) -> float:
    """What one car has that has followed its setpoints for a while, alone at the connection."""
    amps = 0.0
    for t in range(seconds):
        amps = simulation.step(seen(float(t), amps, car("A", amps, float(t)))).get("A", amps)
    return amps


def converse(*lines: Json | bytes) -> list[Json]:
    """The answers to some lines."""
    tools = Tools(catalogue=Catalogue.load("en"), adapters=adapters, profiles=dict)
    given = b"".join(line if isinstance(line, bytes) else orjson.dumps(line) + b"\n" for line in lines)
    answers = BytesIO()
    serve(BytesIO(given), answers, tools)
    return [orjson.loads(line) for line in answers.getvalue().splitlines()]


def test_a_site_is_taken_and_observations_are_answered_with_what_is_to_change() -> None:
    first = seen(0.0, 5.0, car("A"))
    same = seen(1.0, 5.0, car("A", setpoint=32))
    accepted, begins, nothing = converse({"site": plant()}, {"obs": first}, {"obs": same})
    assert accepted == {"ok": True}
    assert begins == {"A": 32.0}
    assert nothing == {}


def test_another_site_begins_anew() -> None:
    answers = converse(
        {"site": plant()},
        {"obs": seen(5000.0, 0.0, car("A"))},
        {"site": plant(evse("B", max=16))},
        {"obs": seen(0.0, 0.0, car("B"))},
    )
    assert answers == [{"ok": True}, {"A": 32.0}, {"ok": True}, {"B": 16.0}]


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b"[1, 2]\n",
        b"\xff\xfe\n",
        b'{"obs": {}}\n',
        b'{"obs": {"t": 1, "evses": [{}]}}\n',
        b'{"obs": [1]}\n',
        b'{"obs": {"t": 1, "meters": {"main": {"t": 1, "i": [1, 2]}}}}\n',
        b'{"obs": {"t": 1, "evses": [{"id": "A", "t_meas": 1, "i": ["x"]}]}}\n',
        b'{"site": {}}\n',
        b'{"site": 5}\n',
        orjson.dumps({"site": plant(parent="nowhere")}) + b"\n",
        orjson.dumps({"site": plant(fuse="K")}) + b"\n",
        orjson.dumps({"site": plant(evse("A", phases=[]))}) + b"\n",
        orjson.dumps({"site": plant(evse("A", phases=[0, 5]))}) + b"\n",
        orjson.dumps({"site": plant(evse("A", phases=["L0"]))}) + b"\n",
        orjson.dumps({"site": plant(evse("A", phases=[1, 1]))}) + b"\n",
        orjson.dumps({"site": plant(evse("A", node="nowhere"))}) + b"\n",
    ],
)
def test_a_line_that_makes_no_sense_ends_nothing(line: bytes) -> None:
    accepted, wrong, begins = converse({"site": plant()}, line, {"obs": seen(0.0, 0.0, car("A"))})
    assert accepted == {"ok": True}
    assert wrong.keys() == {"error", "text"}
    assert wrong["error"].startswith("cosim-")
    assert wrong["text"]
    assert begins == {"A": 32.0}


def test_an_observation_before_the_site_is_refused_and_empty_lines_are_not_answered() -> None:
    (answer,) = converse(b"\n", {"obs": seen(0.0, 0.0)}, b"  \n")
    assert answer["error"] == "cosim-no-site"


def test_answers_are_nothing_or_from_the_minimum_up() -> None:
    simulation = Cosimulation(plant(evse("A", min=8)))
    amps, told = 0.0, set[float]()
    for t in range(1200):
        others = 12.0 * (t // 100 % 4)
        answer = simulation.step(seen(float(t), others + amps, car("A", amps, float(t))))
        assert answer.keys() <= {"A"}
        amps = answer.get("A", amps)
        assert amps == 0 or 8.0 <= amps <= 32.0
        told.add(amps)
    assert {0.0, 32.0} <= told


def test_a_breach_is_answered_in_the_tick_that_shows_it() -> None:
    simulation = Cosimulation(plant())
    amps = settled(simulation)
    assert amps == 32.0
    answer = simulation.step(seen(120.0, amps + 20.0, car("A", amps, 120.0)))
    assert 16.0 <= answer["A"] <= 20.0


def test_a_lower_limit_of_the_moment_is_kept() -> None:
    simulation = Cosimulation(plant())
    amps = settled(simulation)
    observation = seen(120.0, amps, car("A", amps, 120.0)) | {"limits": {"main": [LIMIT, 10.0, LIMIT]}}
    assert 7.0 <= simulation.step(observation)["A"] <= 10.0


@pytest.mark.parametrize("nothing", [None, {"t": 0.0, "i": None}])
def test_a_meter_that_shows_nothing_is_null(nothing: Json | None) -> None:
    simulation = Cosimulation(plant(base_failsafe=[20, 20, 20]))
    for t in range(60):
        observation = seen(float(t), 0.0, car("A", t=float(t))) | {"meters": {"main": nothing}}
        assert simulation.step(observation).get("A", 6.0) <= 6.0, "the fail-safe, as nobody knows what else flows"


def test_after_a_while_without_a_meter_the_worst_case_counts() -> None:
    simulation = Cosimulation(plant(base_failsafe=[20, 20, 20]))
    amps = settled(simulation)
    found = dict[str, float]()
    for t in range(120, 135):
        observation = seen(float(t), 0.0, car("A", amps, float(t))) | {"meters": {"main": None}}
        found |= simulation.step(observation)
    assert 16.0 <= found["A"] <= 20.0


@pytest.mark.parametrize(
    ("phases", "bound"),
    [
        ([0], 0),
        ([0, 1, 2], 0),
        ([2], 2),
        (["L3"], 2),
        (["l2"], 1),
        (["L2", "L3", "L1"], 0),
    ],
)
def test_phases_are_names_or_count_from_0(phases: list[Any], bound: int) -> None:
    limit = [32.0, 32.0, 32.0]
    limit[bound] = 10.0
    # A second EVSE with phase 0 shows how the plant counts.
    simulation = Cosimulation(plant(evse("A", phases=phases), evse("B", phases=[0]), limit=limit, metered=False))
    assert simulation.step({"t": 0.0, "evses": [car("A"), GONE]})["A"] == 10.0


@pytest.mark.parametrize(("phases", "bound"), [([1], 0), ([3], 2), ([2, 3, 1], 1)])
def test_phases_may_count_from_1(phases: list[int], bound: int) -> None:
    limit = [32.0, 32.0, 32.0]
    limit[bound] = 10.0
    simulation = Cosimulation(plant(evse("A", phases=phases), evse("B", phases=[1]), limit=limit, metered=False))
    assert simulation.step({"t": 0.0, "evses": [car("A"), GONE]})["A"] == 10.0


@pytest.mark.parametrize("own", [False, True])
def test_currents_of_a_rotated_evse_are_understood_in_either_order(own: bool) -> None:  # noqa: FBT001 - a case
    """A car on L1 of its EVSE, which is L2 of the supply; the other loads are there, too."""
    simulation = Cosimulation(plant(evse("A", phases=["L2", "L3", "L1"])))
    amps = 0.0
    for t in range(600):
        i = [amps, 0.0, 0.0] if own else [0.0, amps, 0.0]
        observation = seen(float(t), 0.0, car("A", t=float(t), i=i, setpoint=amps))
        # L1 and L3 have no room at all for a car.
        observation["meters"]["main"]["i"] = [38.0 if t > 200 else 0.0, 14.0 + amps, 38.0 if t > 200 else 0.0]
        amps = simulation.step(observation).get("A", amps)
    assert 24.0 <= amps <= 26.0, "L2 has 26 A left, the others have none"


def test_a_sum_for_all_phases_and_fewer_phases_are_understood() -> None:
    for i in (lambda amps: amps, lambda amps: [amps]):
        simulation = Cosimulation(plant(evse("A", phases=["L2"]), imbalance=40))
        amps = 0.0
        for t in range(300):
            observation = seen(float(t), 0.0, car("A", t=float(t), i=i(amps), setpoint=amps))
            observation["meters"]["main"]["i"] = [0.0, amps + 20.0, 0.0]
            amps = simulation.step(observation).get("A", amps)
        assert 17.0 <= amps <= 20.0


@pytest.mark.parametrize(("unit", "session"), [(1000.0, "Wh"), (1.0, "kWh")])
def test_energies_are_wh_or_kwh(unit: float, session: str) -> None:
    """Who needs much gets more than who needs little, whichever unit the plant has."""
    simulation = Cosimulation(plant(evse("A"), evse("B")))
    wishes: Json = {"departure": 7200.0, "energy_delivered": 0.0, "session": session}
    much = car("A", energy_requested=40.0 * unit, **wishes)
    little = car("B", energy_requested=2.0 * unit, **wishes)
    given = simulation.step(seen(0.0, 0.0, much, little))
    assert given["A"] > 1.5 * given["B"]


def test_what_is_not_said_has_a_default() -> None:
    bare = {"nodes": [{"id": "main", "limit": 20}], "evses": [{"id": "A", "node": "main", "max": 32, "phases": [0]}]}
    site = Cosimulation(bare).site
    assert (site.period, site.voltage) == (1.0, 230.0)
    (root,), (found,) = site.nodes, site.evses
    assert (root.limit, root.rated, root.fuse, root.metered, root.imbalance) == ((20,) * 3, 20.0, "gG", False, 20.0)
    assert (found.minimum, found.step, found.control, found.failsafe, found.measured) == (6.0, 1.0, "amp", 0.0, True)
    assert found.failsafe_timeout == float("inf")


def test_circuits_may_come_in_any_order_and_a_loop_is_refused() -> None:
    below = {"id": "feeder", "parent": "main", "limit": [16, 16, 16]}
    site = plant(evse("A", node="feeder"))
    site["nodes"].insert(0, below)
    simulation = Cosimulation(site)
    assert [each.id for each in simulation.site.nodes] == ["main", "feeder"]
    assert simulation.step(seen(0.0, 0.0, car("A")))["A"] == 16.0
    site["nodes"][1]["parent"] = "feeder"
    with pytest.raises(GatewayError, match="cosim-site"):
        Cosimulation(site)


async def test_the_command_answers_each_line_as_it_comes() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "--lang", "en", "load", "cosim"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(60):
        for line, expected in (
            ({"site": plant()}, {"ok": True}),
            ({"obs": seen(0.0, 0.0, car("A"))}, {"A": 32.0}),
            ({"obs": seen(1.0, 0.0, car("A", setpoint=32))}, {}),
        ):
            process.stdin.write(orjson.dumps(line) + b"\n")
            await process.stdin.drain()
            assert orjson.loads(await process.stdout.readline()) == expected
        process.stdin.write(b"nonsense\n")
        answer = orjson.loads(await process.stdout.readline())
        assert answer["error"] == "cosim-json"
        process.stdin.close()
        rest, trouble = await process.communicate()
    assert (process.returncode, rest, trouble) == (1, b"", b"")
