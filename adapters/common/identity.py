"""What a family station says that it is, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.station import Capability, StationIdentity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_ALWAYS = frozenset({
    Capability.BOX_SESSIONS,
    Capability.REMOTE_START,
    Capability.REMOTE_STOP,
    Capability.CHANGE_AVAILABILITY,
    Capability.RESERVATION,
    Capability.RESET,
    Capability.CONFIGURATION_READ,
    Capability.CONFIGURATION_WRITE,
    Capability.TRIGGER,
})  # fmt: skip
"""What the box does for every station whose charging it can hold and release."""


def identity(family: AnyFamily, values: Mapping[str, Value]) -> StationIdentity:
    """Vendor and model of the family, and what the station itself tells of it (lengths: BootNotification, Part 2)."""
    return StationIdentity(
        vendor=family.meta.vendor[:50],
        model=(_text(values, "model") or family.meta.models[0])[:20],
        serial=_text(values, "serial")[:25],
        firmware=_text(values, "firmware")[:50],
    )


def capabilities(family: AnyFamily) -> frozenset[Capability]:
    """What can be asked of the station and the box together."""
    found = set(_ALWAYS)
    if family.control.unlock is not None:
        found.add(Capability.UNLOCK)
    if family.control.limit is not None:
        found.add(Capability.SMART_CHARGING)
    return frozenset(found)


def _text(values: Mapping[str, Value], name: str) -> str:
    value = values.get(name)
    return "" if value is None or isinstance(value, bool | tuple) else str(value).strip()
