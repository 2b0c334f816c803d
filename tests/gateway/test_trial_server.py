"""Tests by a technician, over a real UNIX socket."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.model.commands import Outcome, Verdict
from gateway.model.device import SetResult, VariableRef, VariableStatus
from gateway.model.errors import GatewayError
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.inspection import Inspection, Interval
from gateway.model.installation import Installation, Outlet
from gateway.model.readings import Reading, Sample
from gateway.model.station import Capability, StationState
from gateway.trial_orders import ShownChannel, TrialAnswer, TrialOrder, answer_from_json, to_json, trial_socket
from gateway.trial_server import serve_trials
from gateway.trials import Trials
from tests.fakes.clock import START
from tests.running import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gateway.model.commands import Command

SAMPLE = Sample(at=START, readings=(Reading(value=3.5, measurand="Power.Active.Import", unit="kW", phase="L1"),))

assert not answer_from_json(to_json(TrialAnswer())).error  # at import, as the first time blocks


class Cabinet:
    """A station, and a relay."""

    def __init__(self) -> None:
        self.on = False
        self.held = False
        self.changed = asyncio.Event()
        self.sample: Sample | None = None
        self.set: list[tuple[str, str]] = []

    def stations(self) -> tuple[str, ...]:
        return ("AT-1",)

    def station(self, station: str) -> StationState:
        connector = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.AVAILABLE, at=START)
        return StationState(id=station, capabilities=frozenset({Capability.TRIGGER}), connectors=(connector,))

    def installation(self, station: str) -> Installation:
        del station
        every = Interval(months=6)
        inspections = (Inspection(component="RCD", every=every), Inspection(component="RCD", every=every, evse=1))
        return Installation(outlets={(1, 1): Outlet(phases=3, current=16.0)}, inspections=inspections)

    def now(self) -> datetime:
        return START

    def measured(self, station: str, evse: int) -> Sample | None:
        del station, evse
        return self.sample

    async def execute(self, command: Command) -> Outcome:
        del command
        self.sample = SAMPLE
        return Outcome(verdict=Verdict.ACCEPTED)

    async def set_variable(self, station: str, ref: VariableRef, value: str) -> SetResult:
        del station
        self.set.append((ref.label, value))
        return SetResult(status=VariableStatus.ACCEPTED)

    def shown(self, sensor: str) -> tuple[ShownChannel, ...]:
        if sensor != "rail":
            raise GatewayError("test-unknown-sensor", value=sensor, known="rail")
        return (ShownChannel(variable="TemperatureSensor.Temperature", unit="Celsius", quality="good", value=21.5),)

    async def switch(self, output: str, *, on: bool) -> None:
        if self.held:
            raise GatewayError("test-output-held", value=output, sensor="flood")
        self.on = on
        self.changed.set()


@asynccontextmanager
async def served(folder: Path, cabinet: Cabinet) -> AsyncIterator[Path]:
    ready = asyncio.Event()
    async with running(serve_trials(trial_socket(folder), Trials(cabinet, cabinet), ready.set)):
        async with asyncio.timeout(10):
            await ready.wait()
        yield trial_socket(folder)


async def ask(path: Path, document: bytes) -> TrialAnswer:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(document)
    try:
        return answer_from_json(await reader.readline())
    finally:
        writer.close()


async def test_what_a_sensor_tells(tmp_path: Path) -> None:
    async with served(tmp_path, Cabinet()) as path:
        (channel,) = (await ask(path, to_json(TrialOrder(what="sensor", name="rail")))).channels
        assert (channel.value, channel.unit, channel.quality) == (21.5, "Celsius", "good")
        assert (await ask(path, to_json(TrialOrder(what="sensor", name="door")))).error == "test-unknown-sensor"


async def test_a_meter_is_read_now(tmp_path: Path) -> None:
    async with served(tmp_path, Cabinet()) as path:
        answer = await ask(path, to_json(TrialOrder(what="meter", station="AT-1", evse=1)))
        assert [(each.value, each.unit, each.phase) for each in answer.readings] == [(3500.0, "W", "L1")]
        assert (answer.phases, answer.max_current) == (3, 16.0)


@pytest.mark.parametrize("ended", ["asked", "gone"])
async def test_an_output_is_on_no_longer_than_the_connection(ended: str, tmp_path: Path) -> None:
    cabinet = Cabinet()
    async with served(tmp_path, cabinet) as path, asyncio.timeout(10):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(to_json(TrialOrder(what="relay", name="relay")))
        assert not answer_from_json(await reader.readline()).error
        assert cabinet.on
        cabinet.changed.clear()
        if ended == "asked":
            writer.write(b"\n")
            assert not answer_from_json(await reader.readline()).error
        writer.close()
        await cabinet.changed.wait()
        assert not cabinet.on


async def test_what_a_reaction_holds_is_not_tested(tmp_path: Path) -> None:
    cabinet = Cabinet()
    cabinet.held = True
    async with served(tmp_path, cabinet) as path:
        assert (await ask(path, to_json(TrialOrder(what="relay", name="relay")))).error == "test-output-held"


async def test_an_inspection_is_noted_where_the_test_was(tmp_path: Path) -> None:
    cabinet = Cabinet()
    async with served(tmp_path, cabinet) as path:
        for evse in (1, 0):
            assert not (
                await ask(path, to_json(TrialOrder(what="inspected", name="rcd", station="AT-1", evse=evse)))
            ).error
        assert [label for label, _ in cabinet.set] == ["RCD#1.InspectionLast", "RCD.InspectionLast"]
        none = TrialOrder(what="inspected", name="Heater", station="AT-1")
        assert (await ask(path, to_json(none))).error == "test-no-inspection"


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b"nonsense\n", "test-order-invalid"),
        (b'{"what":"explode"}\n', "test-order-invalid"),
        (to_json(TrialOrder(what="meter", station="AT-2", evse=1)), "limit-unknown-station"),
        (to_json(TrialOrder(what="meter", station="AT-1", evse=2)), "limit-unknown-evse"),
    ],
)
async def test_what_cannot_be(document: bytes, error: str, tmp_path: Path) -> None:
    async with served(tmp_path, Cabinet()) as path:
        assert (await ask(path, document)).error == error
