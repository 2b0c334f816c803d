"""The device model of a station: every variable with its value, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.model.device.live import Moment, live_value
from gateway.model.device.results import GetResult, SetResult, VariableStatus, rejected
from gateway.model.device.station_held import merged
from gateway.model.device.values import members, refusal, well_formed
from gateway.model.device.variable import VariableRef
from gateway.model.device_types import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.model.device.variable import ComponentKey, VariableSpec
    from gateway.model.events import StationVariable
    from gateway.model.station import StationState


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """The variables of one station. Immutable: every change is a new model; build the first with ``of``.

    Values are kept by ``VariableRef.key``. A live value is that of ``moment``, which ``at`` sets.
    """

    specs: Mapping[str, VariableSpec]
    values: Mapping[str, str]
    station_keys: Mapping[str, str]
    components: frozenset[ComponentKey]
    moment: Moment | None = None
    _integers: dict[tuple[str, str, str | None], int] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Integers that were asked for: the link asks for the same few with every message."""

    @classmethod
    def of(
        cls,
        specs: Iterable[VariableSpec],
        values: Mapping[str, str] | None = None,
        station: Iterable[StationVariable] = (),
    ) -> DeviceModel:
        """Build a model.

        Args:
            specs: The variables that the box has; of two with the same address the later one counts.
            values: Values that were set earlier, by ``VariableRef.key``. What does not fit (any longer) is left out.
            station: The settings that the station itself holds.
        """
        own = {spec.ref.key: spec for spec in specs}
        kept = {
            key: value
            for key, value in (values or {}).items()
            if (spec := own.get(key)) and not spec.live and refusal(spec, value) is None
        }
        held = merged(tuple(own.values()), station)
        return cls(
            specs=held.specs,
            values={**kept, **held.values},
            station_keys=held.keys,
            components=frozenset(spec.ref.component_key for spec in held.specs.values()),
        )

    def with_value(self, ref: VariableRef, value: str) -> DeviceModel:
        """The model with another value; nothing is checked.

        Raises:
            KeyError: no such variable.
        """
        return replace(self, values={**self.values, self.specs[ref.key].ref.key: value})

    def at(
        self,
        state: StationState,
        now: datetime,
        power: Mapping[int, float] | None = None,
        sensed: Mapping[str, str] | None = None,
    ) -> DeviceModel:
        """The model with its live values as they are in this state and at this time.

        Args:
            state: Of the station.
            now: The time.
            power: What each EVSE draws in W, where that is measured.
            sensed: What added sensors tell, by ``VariableRef.key``.
        """
        return replace(self, moment=Moment(state=state, now=now, power=power or {}, sensed=sensed or {}))

    def spec(self, ref: VariableRef) -> VariableSpec | None:
        """What the variable is; None if there is none."""
        return self.specs.get(ref.key)

    def value(self, ref: VariableRef) -> str:
        """The value of a variable, "" if it has none; secret ones too.

        Raises:
            KeyError: no such variable.
        """
        spec = self.specs[ref.key]
        if spec.live and self.moment is not None:
            return live_value(spec, self.moment)
        return self.values.get(ref.key, spec.default)

    def station_key(self, ref: VariableRef) -> str | None:
        """The station's own key of a variable that the station holds; None if the box holds it."""
        return self.station_keys.get(ref.key)

    def get(self, ref: VariableRef, attribute: str = Attribute.ACTUAL) -> GetResult:
        """Answer a question for a value (B06)."""
        spec = self.specs.get(ref.key)
        if spec is None:
            status, reason = self._unknown(ref)
            return GetResult(status=status, reason=reason)
        if attribute != Attribute.ACTUAL:
            return GetResult(status=VariableStatus.NOT_SUPPORTED_ATTRIBUTE_TYPE, reason="UnsupportedParam")
        if not spec.readable:
            return GetResult(status=VariableStatus.REJECTED, reason="WriteOnly")
        return GetResult(status=VariableStatus.ACCEPTED, value=self.value(ref))

    def check_set(self, ref: VariableRef, value: str, attribute: str = Attribute.ACTUAL) -> SetResult:
        """Say what would become of a new value (B05); changes nothing."""
        spec = self.specs.get(ref.key)
        if spec is None:
            status, reason = self._unknown(ref)
            return SetResult(status=status, reason=reason)
        if attribute != Attribute.ACTUAL:
            return SetResult(status=VariableStatus.NOT_SUPPORTED_ATTRIBUTE_TYPE, reason="UnsupportedParam")
        if not spec.writable:
            return rejected("ReadOnly")
        if refused := refusal(spec, value):
            return refused
        done = VariableStatus.REBOOT_REQUIRED if spec.reboot_required else VariableStatus.ACCEPTED
        return SetResult(status=done)

    def text(self, component: str, variable: str, instance: str | None = None) -> str:
        """The value of a variable of the whole station; its default where the station's value makes no sense.

        Raises:
            KeyError: no such variable.
        """
        ref = VariableRef(component=component, variable=variable, variable_instance=instance)
        spec, value = self.specs[ref.key], self.value(ref)
        return value if well_formed(spec.type, value) else spec.default

    def integer(self, component: str, variable: str, instance: str | None = None) -> int:
        """As ``text``, for a variable of type integer; 0 if it has no value."""
        key = (component, variable, instance)
        known = self._integers.get(key)
        if known is None:
            known = self._integers[key] = int(self.text(component, variable, instance) or 0)
        return known

    def boolean(self, component: str, variable: str, instance: str | None = None) -> bool:
        """As ``text``, for a variable of type boolean; False if it has no value."""
        return self.text(component, variable, instance) == "true"

    def members(self, component: str, variable: str, instance: str | None = None) -> tuple[str, ...]:
        """As ``text``, for a list."""
        return members(self.text(component, variable, instance))

    def _unknown(self, ref: VariableRef) -> tuple[VariableStatus, str]:
        if ref.component_key in self.components:
            return VariableStatus.UNKNOWN_VARIABLE, "NotFound"
        return VariableStatus.UNKNOWN_COMPONENT, "NotFound"
