"""Every component of the standard that a station reports, against the standard's own table, with all profiles there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.ocpp1x.configuration import KEYS_15, KEYS_16
from gateway.model.catalogue import VARIABLES, standard
from gateway.model.device import DataType, VariableRef
from gateway.model.device.values import refusal
from gateway.model.events import StationVariable, VariablesReported
from gateway.model.installation import Outlet
from gateway.model.station import Capability
from gateway.plugins import load_profiles
from tests.fakes.box import ID, open_box
from tests.profiles.opened import limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from adapters.ocpp1x.configuration import Standard
    from gateway.model.catalogue import CatalogueEntry
    from gateway.model.device import DeviceModel, VariableSpec
    from tests.fakes.box import Box

_OF_THE_BOX = {Capability.BOX_SESSIONS, Capability.SIGNED_FIRMWARE, Capability.TRIGGER, Capability.SMART_CHARGING}
_OF_16 = {Capability.PLUG_AND_CHARGE}
KINDS = {
    "ocpp15": frozenset(Capability) - _OF_THE_BOX - _OF_16,
    "wallbox": frozenset(
        {
            Capability.BOX_SESSIONS,
            Capability.CHANGE_AVAILABILITY,
            Capability.CONFIGURATION_READ,
            Capability.CONFIGURATION_WRITE,
            Capability.REMOTE_START,
            Capability.REMOTE_STOP,
            Capability.RESERVATION,
            Capability.RESET,
            Capability.SMART_CHARGING,
            Capability.UNLOCK,
        }
    ),
}
"""What a station of OCPP 1.5 can do that holds no settings, and one without OCPP."""

DECIDED_BELOW = {
    "AlignedDataCtrlr": {"Interval", "Measurands", "TxEndedInterval", "TxEndedMeasurands"},
    "SampledDataCtrlr": {
        "TxEndedInterval", "TxEndedMeasurands", "TxStartedMeasurands", "TxUpdatedInterval", "TxUpdatedMeasurands",
    },
    "TxCtrlr": {"StopTxOnInvalidId"},
}  # fmt: skip
"""What a station of OCPP 1.5 decides by itself; it can be set where the station turns out to have a setting for it."""

ABSENT = {"ocpp15": {"ISO15118Ctrlr", "SmartChargingCtrlr"}, "wallbox": {"ISO15118Ctrlr"}}
"""Controllers of which no more is told than that they are not there."""

UNWIRED = {VariableRef(component="EVSE", evse=2, variable="Power")}
"""What nobody knows of an EVSE whose wiring the site file does not tell."""

PROFILES = load_profiles()
"""Looked for at import, as that blocks."""

REQUIRED = [entry for entry in VARIABLES if entry.required]


@pytest.fixture(scope="module")
def devices(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, DeviceModel]:
    """The device model of each kind of station, with every profile."""
    return {kind: asyncio.run(device_of(kind, tmp_path_factory.mktemp(kind))) for kind in KINDS}


async def device_of(kind: str, folder: Path) -> DeviceModel:
    """Of a station of a kind."""
    async with opened(kind, folder) as box:
        return box.hub.device(ID)


@asynccontextmanager
async def opened(kind: str, folder: Path) -> AsyncIterator[Box]:
    """A box with a display; one EVSE of its station is of known wiring and the other of unknown."""
    async with open_box(folder) as box:
        kinds = [profile for name, profile in PROFILES.items() if name != box.profile.name]
        profiles = [box.profile, *(each(box.hub, box.backend) for each in kinds)]
        box.hub.attach(box.backend, sorted(profiles, key=lambda each: each.rank))
        wiring = {(1, 1): Outlet(connector_type="sType2", phases=3, power=22_000)}
        box.member.installation = replace(box.member.installation, display=True, outlets=wiring)
        await box.arrive()
        await limit(box, *KINDS[kind])
        yield box


def where(entry: CatalogueEntry) -> list[VariableRef]:
    """Where a station of two EVSEs has a variable."""
    places: dict[str, list[tuple[int | None, int | None]]] = {
        "EVSE": [(1, None), (2, None)],
        "Connector": [(1, 1), (2, 1)],
    }
    return [
        VariableRef(
            component=entry.component,
            evse=evse,
            connector=connector,
            variable=entry.variable,
            variable_instance=entry.instance,
        )
        for evse, connector in places.get(entry.component, [(None, None)])
    ]


def name(entry: CatalogueEntry) -> str:
    return where(entry)[0].label


@pytest.mark.ocpp("B07.FR.08")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entry", REQUIRED, ids=name)
def test_a_required_variable_is_there_as_the_standard_has_it(
    devices: Mapping[str, DeviceModel], kind: str, entry: CatalogueEntry
) -> None:
    if entry.component in ABSENT[kind]:
        assert devices[kind].text(entry.component, "Available") == "false"
        return
    for ref in where(entry):
        spec = devices[kind].spec(ref)
        assert spec is not None, ref.label
        assert (spec.type, spec.unit) == (entry.type, entry.unit)
        assert set(spec.values) <= set(entry.values) or not entry.values
        assert bool(spec.values) == spec.type.lists
        below = kind == "ocpp15" and entry.variable in DECIDED_BELOW.get(entry.component, set())
        assert (spec.mutability in entry.mutabilities) is not below, spec.mutability
        assert spec.kept or spec.live or not spec.writable
        assert spec.live or not spec.default or refusal(spec, spec.default) is None


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_there_is_of_the_standard_has_its_type_and_unit(devices: Mapping[str, DeviceModel], kind: str) -> None:
    known = 0
    for spec in devices[kind].specs.values():
        entry = standard(spec.ref.component, spec.ref.variable, spec.ref.variable_instance)
        if entry is not None:
            known += 1
            assert (spec.type, spec.unit) == (entry.type, entry.unit), spec.ref.label
            assert not spec.writable or not entry.mutabilities or spec.mutability in entry.mutabilities, spec.ref.label
            assert entry.minimum is None or (spec.min_limit or 0) >= entry.minimum, spec.ref.label
            if entry.limited and spec.ref not in UNWIRED:
                highest = spec.max_limit if spec.max_length is None else spec.max_length
                assert highest is not None, spec.ref.label
                assert highest <= (entry.maximum or highest), spec.ref.label
    assert known > len(REQUIRED)


LEFT = {
    ("AlignedDataCtrlr", "TxEndedInterval"),
    ("SampledDataCtrlr", "TxEndedInterval"),
    ("SampledDataCtrlr", "TxStartedMeasurands"),
}
"""What no OCPP 1.x has a setting for."""


@pytest.mark.parametrize(
    ("keys", "left"), [(KEYS_15, {*LEFT, ("TxCtrlr", "StopTxOnInvalidId")}), (KEYS_16, LEFT)], ids=["1.5", "1.6"]
)
async def test_what_a_station_has_a_setting_for_can_be_set(
    tmp_path: Path, keys: Mapping[str, Standard], left: set[tuple[str, str]]
) -> None:
    async with opened("ocpp15", tmp_path) as box:
        held = tuple(
            StationVariable(key=each.key, component=each.component, variable=each.variable, value="", read_only=False)
            for each in keys.values()
            if each.variable
        )
        await box.hub.publish(VariablesReported(station=ID, at=box.clock.now(), variables=held, complete=True))
        device = box.hub.device(ID)
    below = [VariableRef(component=name, variable=each) for name, them in DECIDED_BELOW.items() for each in them]
    specs = [spec for spec in map(device.spec, below) if spec is not None]
    assert {(spec.ref.component, spec.ref.variable) for spec in specs if not spec.writable} == left


def test_what_can_be_absent_is_named() -> None:
    assert {entry.component for entry in REQUIRED} >= ABSENT["ocpp15"]
    for component, variables in DECIDED_BELOW.items():
        assert {e.variable for e in REQUIRED if e.component == component} >= variables


def another(spec: VariableSpec, value: str) -> str:
    """A value that a variable may have, and has not."""
    match spec.type:
        case DataType.BOOLEAN:
            wanted = ["true", "false"]
        case DataType.INTEGER | DataType.DECIMAL:
            low = int(spec.min_limit or 0)
            wanted = [str(low), str(low + 1)]
        case DataType.STRING:
            wanted = ["EUR", "CHF"]
        case _:
            wanted = [*spec.values, ""]
    return next(each for each in wanted if each != value)


CHECKED_FURTHER = {"NetworkConfigurationPriority", "SelftestActive"}
"""What has to fit more than its limits; what is begun by setting it, and is over by itself."""


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_set_counts_or_waits_for_a_reboot_and_outlives_the_box(tmp_path: Path, kind: str) -> None:
    wanted: dict[str, tuple[VariableRef, str]] = {}
    async with opened(kind, tmp_path) as box:
        for spec in list(box.hub.device(ID).specs.values()):
            if not spec.writable or spec.secret or spec.ref.variable in CHECKED_FURTHER:
                continue
            value = another(spec, box.hub.device(ID).value(spec.ref))
            result = await box.hub.set_variable(ID, spec.ref, value)
            assert result.status == ("RebootRequired" if spec.reboot_required else "Accepted"), spec.ref.label
            assert box.hub.device(ID).value(spec.ref) == value, spec.ref.label
            wanted[spec.ref.label] = (spec.ref, value)
    assert len(wanted) > 30
    async with opened(kind, tmp_path) as again:
        held = {label: again.hub.device(ID).value(ref) for label, (ref, _) in wanted.items()}
    assert held == {label: value for label, (_, value) in wanted.items()}
