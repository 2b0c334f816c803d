"""When a device's points are read: hours in virtual time, on a wire in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.common.wire import Rank, Refused, Took, Unreachable, Wire
from adapters.sensors.family_device import FamilyDevice
from gateway.contracts.sensing import SensorSettings
from gateway.family.library import all_families
from gateway.family.load import read_family
from tests.fakes import timeless
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import pytest
    from pydantic import BaseModel

    from gateway.family.value import Scalar, Value

FAMILIES = {name: read_family(all_families()[name]).base for name in ("waveshare-io", "iskra-wm3m4", "shelly-gen1")}


class Memory(Wire):
    """Values by point; a read of those that are not there is refused.

    Attributes:
        takes: Seconds of a read, by rank.
        asked: (time, points) of every read.
        dead: Nothing is answered.
    """

    def __init__(self, family: str, **values: Value) -> None:
        super().__init__(FAMILIES[family])
        self.values = dict(values)
        self.takes: dict[Rank, float] = {}
        self.asked: list[tuple[float, frozenset[str]]] = []
        self.dead = False

    @property
    @override
    def address(self) -> str:
        return "memory"

    @override
    async def connect(self) -> None:
        """Nothing to connect."""

    @override
    async def read(self, points: Collection[str], *, rank: Rank = Rank.POLL) -> Took:
        self.asked.append((asyncio.get_running_loop().time(), frozenset(points)))
        await asyncio.sleep(self.takes.get(rank, 0))
        if self.dead:
            raise Unreachable("no-answer", where="memory", request="x")
        known = {name: self.values[name] for name in points if name in self.values}
        return Took(values=known, refused=frozenset(points) - known.keys())

    @override
    async def write(self, point: str, value: Scalar, *, fc: int | None = None, rank: Rank = Rank.ORDER) -> None:
        raise Refused("modbus-exception", where="memory", request=point, exception=4)

    @override
    async def send(self, name: str, args: Mapping[str, Scalar], *, rank: Rank = Rank.ORDER) -> Mapping[str, Value]:
        return {}

    @override
    async def aclose(self) -> None:
        """Nothing to close."""


def watch(
    wire: Memory,
    points: set[str],
    seconds: float,
    *,
    urgent: frozenset[str] = frozenset(),
    then: Callable[[], None] | None = None,
) -> FakePanel:
    """What a panel is told in so many seconds; ``then`` happens after them, and as many follow."""
    panel = FakePanel()
    options: BaseModel = None  # type: ignore[assignment] # the device does not look at the keys of its kind
    settings = SensorSettings(name="it", points=frozenset(points), options=options, urgent=urgent)
    device = FamilyDevice(settings, wire)

    async def run() -> None:
        async with running(device.run(panel)):
            await asyncio.sleep(seconds)
            if then is not None:
                then()
                await asyncio.sleep(seconds)

    timeless.run(run())
    return panel


def times(panel: FakePanel, point: str) -> int:
    return sum(point in values for _, values in panel.values)


def test_what_is_slow_does_not_hold_up_what_is_fast() -> None:
    wire = Memory("waveshare-io", inputs=(1, 0), relay_1=0)
    wire.takes = {Rank.POLL: 30.0}
    panel = watch(wire, {"inputs.1", "relay_1"}, 29.95)
    assert times(panel, "inputs.1") == 300  # every 0.1 s
    assert times(panel, "relay_1") == 0


def test_each_group_has_its_period_and_what_never_changes_is_read_once() -> None:
    wire = Memory("waveshare-io", inputs=(1, 0), relay_1=0, firmware=200)
    panel = watch(wire, {"inputs.2", "relay_1", "firmware"}, 59.95)
    assert (times(panel, "inputs.2"), times(panel, "relay_1"), times(panel, "firmware")) == (600, 12, 1)


def test_what_is_urgent_is_read_as_often_as_anything_is() -> None:
    wire = Memory("iskra-wm3m4", power=100.0, current=(1.0, 2.0, 3.0))
    panel = watch(wire, {"power", "current.1"}, 29.95, urgent=frozenset({"current.1"}))
    assert (times(panel, "current.1"), times(panel, "power")) == (30, 6)


def test_points_that_nobody_wants_are_not_read() -> None:
    wire = Memory("iskra-wm3m4", power=100.0)
    watch(wire, {"power"}, 100)
    assert {points for _, points in wire.asked} == {frozenset({"power"})}


def test_a_slow_bus_has_time_for_others() -> None:
    """A read of inputs that takes longer than their period is followed by a pause of the same length."""
    wire = Memory("waveshare-io", inputs=(1, 0))
    wire.takes = {Rank.INPUT: 1.0}
    panel = watch(wire, {"inputs.1"}, 100)
    assert 45 <= times(panel, "inputs.1") <= 55


def test_a_point_that_the_device_lacks_is_said_once_and_no_matter_of_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = Memory("waveshare-io", relay_1=0)
    panel = watch(wire, {"relay_1", "relay_2"}, 59.95)
    assert times(panel, "relay_1") == 12
    assert panel.losses == []
    assert [record.getMessage() for record in caplog.records] == ["sensor it: memory has no relay_2"]
    assert all("relay_2" not in points for _, points in wire.asked[1:])


def test_a_loss_is_logged_once_and_everything_is_read_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    wire = Memory("waveshare-io", inputs=(1, 0), relay_1=0, firmware=200)
    wire.dead = True

    def back() -> None:
        wire.dead = False

    panel = watch(wire, {"inputs.1", "relay_1", "firmware"}, 60, then=back)
    assert {name for name, _ in panel.losses} == {"it"}
    shown = [record.getMessage().partition("memory")[0] for record in caplog.records]
    assert shown == ["sensor it: ", "sensor it: back"]
    assert times(panel, "firmware") >= 1
    assert times(panel, "relay_1") >= 12


def test_what_is_made_of_values_is_told_with_them() -> None:
    wire = Memory("shelly-gen1", power_1=1000.0, power_2=-200.0, power_3=None)

    def known() -> None:
        wire.values["power_3"] = 50.0

    panel = watch(wire, {"power"}, 6, then=known)
    assert "power" not in panel.values[0][1]  # one phase is not known
    assert panel.values[-1][1]["power"] == 850.0
