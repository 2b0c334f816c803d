"""SmartChargingCtrlr (OCPP 2.0.1 Part 2, Referenced Components and Variables, 2.9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.limits.wiring import wiring_of
from gateway.model.station import Capability
from gateway.model.throttle import Throttle
from profiles.common.variable_specs import fixed, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.device import DeviceModel, VariableSpec
    from gateway.model.installation import Installation
    from gateway.model.station import StationState

CONTROLLER = "SmartChargingCtrlr"
ENTRIES = VariableRef(component=CONTROLLER, variable="Entries", variable_instance="ChargingProfiles")

MOST_PROFILES = 100
HIGHEST_LEVEL = 99
MOST_PERIODS = 1024
"""As many as the schema allows."""


def smart_charging_variables(state: StationState) -> Iterator[VariableSpec]:
    """The variables of a station; of one that takes no limits only that it has no smart charging."""
    able = Capability.SMART_CHARGING in state.capabilities
    yield fixed(CONTROLLER, "Available", "true" if able else "false")
    if not able:
        return
    yield writable(CONTROLLER, "Enabled", "true")
    # No station tells which phases it uses, or changes their number when it is told to.
    yield fixed(CONTROLLER, "ACPhaseSwitchingSupported", "false")
    yield fixed(CONTROLLER, "Phases3to1", "false")
    yield fixed(CONTROLLER, "ProfileStackLevel", str(HIGHEST_LEVEL))
    yield fixed(CONTROLLER, "RateUnit", "A,W")
    yield fixed(CONTROLLER, "PeriodsPerSchedule", str(MOST_PERIODS))
    entries = place(CONTROLLER, "Entries", "0", maximum=MOST_PROFILES)
    yield replace(entries, ref=ENTRIES, persistent=True)
    # A limit of the site or of the grid's operator is not the backend's to switch off.
    yield fixed(CONTROLLER, "ExternalControlSignalsEnabled", "true")
    yield writable(CONTROLLER, "NotifyChargingLimitWithSchedules", "false")
    yield writable(CONTROLLER, "LimitChangeSignificance", "1.0", minimum=0, maximum=100)


def evse_variables(state: StationState, installation: Installation) -> Iterator[VariableSpec]:
    """EVSEs that take no limit in A though their station does: what is said of the station does not hold for them."""
    if Capability.SMART_CHARGING not in state.capabilities:
        return
    whole = fixed(CONTROLLER, "Available", "false")
    for evse in state.evses():
        if evse and wiring_of(installation, evse).throttle in {Throttle.SWITCH, Throttle.NONE}:
            yield replace(whole, ref=replace(whole.ref, evse=evse))


def enabled(state: StationState, device: DeviceModel) -> bool:
    """True where the station takes limits and the backend has not switched smart charging off (K05.FR.04)."""
    return Capability.SMART_CHARGING in state.capabilities and device.boolean(CONTROLLER, "Enabled")


def significant(device: DeviceModel, old: float | None, new: float | None) -> bool:
    """True where a limit has changed by more than LimitChangeSignificance; None is no limit."""
    if old is None or new is None or not old:
        return old != new
    return 100 * abs(new - old) / old > float(device.text(CONTROLLER, "LimitChangeSignificance"))
