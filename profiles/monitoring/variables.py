"""The variables of ``MonitoringCtrlr`` (OCPP 2.0.1 Part 2, 2.11), and what they mean for events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.monitoring import LOWEST_SEVERITY, MonitoringBase
from profiles.common.variable_specs import fixed, place, writable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.device import DeviceModel, VariableSpec
    from gateway.model.monitoring import Held

CONTROLLER = "MonitoringCtrlr"
BASE = VariableRef(component=CONTROLLER, variable="ActiveMonitoringBase")
LEVEL = VariableRef(component=CONTROLLER, variable="ActiveMonitoringLevel")
QUEUING = "OfflineQueuingSeverity"

ITEMS_PER_MESSAGE = 50
BYTES_PER_MESSAGE = 65_536

DEFAULT_QUEUING = 5
"""An alert, and all that is worse, waits for the backend; what is less is looked at again when the backend is back."""


def monitoring_variables() -> Iterator[VariableSpec]:
    """Every variable of the controller."""
    yield fixed(CONTROLLER, "Available", "true")
    yield writable(CONTROLLER, "Enabled", "true")
    for message in ("SetVariableMonitoring", "ClearVariableMonitoring"):
        yield fixed(CONTROLLER, "ItemsPerMessage", str(ITEMS_PER_MESSAGE), instance=message)
        yield fixed(CONTROLLER, "BytesPerMessage", str(BYTES_PER_MESSAGE), instance=message)
    yield writable(CONTROLLER, QUEUING, str(DEFAULT_QUEUING), minimum=0, maximum=LOWEST_SEVERITY)
    yield replace(place(CONTROLLER, BASE.variable, MonitoringBase.FACTORY_DEFAULT), persistent=True)
    level = place(CONTROLLER, LEVEL.variable, str(LOWEST_SEVERITY), maximum=LOWEST_SEVERITY)
    yield replace(level, min_limit=0, persistent=True)


def enabled(device: DeviceModel) -> bool:
    """Whether monitors work at all."""
    return device.boolean(CONTROLLER, "Enabled")


def base_of(device: DeviceModel) -> MonitoringBase:
    """The base that the backend has set last."""
    return MonitoringBase(device.text(CONTROLLER, BASE.variable))


def held_back(device: DeviceModel, *, offline: bool) -> Held:
    """Which monitors tell nothing now: those above the level (N07.FR.15), and what need not wait for the backend.

    What is not queued while the backend is away (N07.FR.04, N08.FR.03) is not looked at meanwhile, so that the backend
    hears afterwards of what is so then.
    """
    level = device.integer(CONTROLLER, LEVEL.variable)
    if offline:
        level = min(level, device.integer(CONTROLLER, QUEUING))
    return lambda monitor: monitor.severity > level
