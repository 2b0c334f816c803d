"""The hardware that the box adds to a station, or knows of, as components of the device model (founding profile Device Management)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Northbound
    from gateway.model.device import VariableSpec
    from gateway.model.station import StationState


class EquipmentProfile(Profile):
    """Variables whose values added sensors give."""

    name: ClassVar[str] = "equipment"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        del backend
        self._northbound = northbound

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        return self._northbound.installation(state.id).equipment
