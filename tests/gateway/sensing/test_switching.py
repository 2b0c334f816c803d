"""Outputs that are switched for a test, beside the reactions that hold them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from typing_extensions import override

from gateway.config.fields import Section
from gateway.config.load import examine
from gateway.config.site import SensorModels
from gateway.contracts.sensing import SensorKind, SensorPoint, SensorSettings
from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError
from gateway.sensing.senses import Senses
from tests.fakes.clock import START
from tests.gateway.config.samples import ADAPTERS, GOOD, PROFILES, write_site

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gateway.contracts.sensing import Panel

SITE = """
[[sensor]]
name = "contactor"
kind = "fake"
use = "relay"
component = "Actuator"

[[sensor]]
name = "sump"
kind = "fake"
component = "FloodSensor"
active = true
hold = [0, 0]
react = { do = "tamper", when = "Active == true", output = "contactor" }
"""


class FakeKeys(Section):
    """An input, or an output."""

    use: str = "input"


class Fake(SensorKind):
    """Hardware in a test's hands."""

    name: ClassVar[str] = "fake"
    Keys = FakeKeys
    switched: ClassVar[list[tuple[str, bool]]] = []

    def __init__(self, sensors: Sequence[SensorSettings]) -> None:
        del sensors

    @override
    @classmethod
    def points(cls, options: FakeKeys) -> tuple[SensorPoint, ...]:
        return (SensorPoint(name="value", output=options.use == "relay"),)

    @override
    async def run(self, panel: Panel) -> None:
        panel.told("sump", {"value": True})

    @override
    async def switch(self, sensor: str, point: str, *, on: bool) -> Outcome:
        self.switched.append((f"{sensor}/{point}", on))
        return Outcome(verdict=Verdict.ACCEPTED)


class House:
    """A box that does at once what is to be done."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Future[object]] = []

    def now(self) -> datetime:
        return START

    def sensed(self, station: str, values: Mapping[str, str]) -> None:
        """Nobody is interested."""

    def background(self, work: Coroutine[Any, Any, object]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@pytest.mark.parametrize("named", ["contactor", "contactor/value"])
async def test_a_test_switches_an_output_but_not_one_that_a_reaction_holds(named: str, tmp_path: Path) -> None:
    kinds = {"fake": SensorModels(keys=FakeKeys, points=Fake.points)}
    file = await asyncio.to_thread(
        write_site, tmp_path, GOOD + SITE.replace('output = "contactor"', f'output = "{named}"')
    )
    outcome = await asyncio.to_thread(lambda: examine(file, ADAPTERS, profiles=PROFILES, sensors=kinds))
    assert outcome.site is not None, outcome.findings
    house = House()
    senses = Senses(outcome.site, {"fake": Fake}, house)
    Fake.switched.clear()

    await senses.switch("contactor", on=True)
    await senses.switch("contactor/value", on=False)
    assert Fake.switched == [("contactor/value", True), ("contactor/value", False)]

    for _, part in senses.parts():
        await part()  # water
    await asyncio.gather(*house.tasks)
    assert Fake.switched[2:] == [("contactor/value", True)]
    for name in ("contactor", "contactor/value"):
        with pytest.raises(GatewayError, match="test-output-held"):
            await senses.switch(name, on=False)
    assert [(each.quality, each.value) for each in senses.shown("sump")] == [("good", True)]
    with pytest.raises(GatewayError, match="test-unknown-sensor"):
        senses.shown("attic")
    senses.close()
