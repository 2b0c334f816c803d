"""Whatever a station does, and whatever is asked: it is never told more than the lowest ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.family.limit import RETRY, Ceilings
from tests.adapters.common.leader import lead
from tests.adapters.common.plant import Vices

if TYPE_CHECKING:
    from tests.adapters.common.leader import Leader

ZERO: dict[str, Any] = {"limit": {"pause": "zero"}, "enable": None}


@dataclass(frozen=True, slots=True)
class Act:
    """Something happens, after a while."""

    after: float
    what: str
    value: float = 0.0


ACTS = st.builds(
    Act,
    after=st.sampled_from([0.02, 0.3, 1.0, 7.0, 40.0]),
    what=st.sampled_from(["limit", "limit", "release", "hold", "reboot", "site", "before", "after"]),
    value=st.sampled_from([0.0, 5.0, 6.0, 10.0, 13.0, 16.0, 32.0, 80.0]),
)
VICES = st.builds(
    Vices, slow=st.sampled_from([0.0, 0.5, 3.0]), deaf=st.booleans(), factor=st.sampled_from([1.0, 1.0, 0.1, 10.0])
)


@settings(max_examples=60, deadline=None)
@given(
    vices=VICES, acts=st.lists(ACTS, max_size=10), keys=st.sampled_from([{}, ZERO]), limit=st.sampled_from([0, 16, 32])
)
def test_no_station_is_ever_told_more_than_the_lowest_ceiling(
    *, vices: Vices, acts: list[Act], keys: dict[str, Any], limit: int
) -> None:
    """Whatever it does; and one that obeys does in the end what is wanted, one that does not is given up."""

    async def script(leader: Leader) -> None:
        plant, wanted, initial = leader.plant, [80.0], plant_limit(leader)
        highest, rebooted = initial, False
        for act in acts:
            before = len(plant.written)
            allowed = min(wanted[-1], leader.ceilings.lowest()[0])
            await leader.lead(act.after)
            check(leader, before, allowed, highest, rebooted=rebooted)
            do(leader, act, wanted)
            rebooted = rebooted or act.what == "reboot"
        plant.vices.lost.clear()
        await leader.lead(4 * RETRY)
        target = min(wanted[-1], leader.ceilings.lowest()[0])
        target = target if target >= 6 and leader.setpoint.wanted.released else 0.0
        if not plant.vices.deaf and plant.vices.factor == 1.0:
            assert plant.current == target
        elif plant.current > target:
            tried = leader.setpoint.written is None
            assert leader.setpoint.failed or tried or not leader.setpoint.wanted.released or plant.vices.deaf

    merged = {**keys, "limit": {**keys.get("limit", {}), "verify": {"point": "limit", "within_s": 5}}}
    lead(script, vices=vices, keys=merged, limit=limit, enable=1)


def plant_limit(leader: Leader) -> float:
    return leader.plant.limit


def check(leader: Leader, before: int, allowed: float, initial: float, *, rebooted: bool) -> None:
    """A station that restarts to just the value that was written shows it, and nobody can tell it from a proof."""
    for _, point, value in leader.plant.written[before:]:
        if point == "limit":
            assert value <= max(allowed, 6.0)
            if leader.plant.vices.factor != 1.0 and not leader.plant.vices.deaf and not rebooted:
                assert value <= max(6.0, initial), "its unit was never confirmed"


def do(leader: Leader, act: Act, wanted: list[float]) -> None:
    match act.what:
        case "limit":
            wanted.append(act.value)
            leader.want(amps=act.value)
        case "site":
            leader.ceilings = Ceilings(family=32.0, site=act.value)
            leader.move()
        case "release" | "hold":
            leader.want(released=act.what == "release")
        case "reboot":
            leader.plant.reboot()
        case lost:
            leader.plant.vices.lost.append(lost)
