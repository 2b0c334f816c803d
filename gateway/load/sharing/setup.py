"""From the site file to the connections that a box shares."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gateway.load.sharing.need import Needs
from gateway.load.sharing.rules import Rules
from gateway.load.sharing.service import Shared, Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.config.circuit import Circuit, Meter
    from gateway.config.load_keys import LoadKeys
    from gateway.config.shared import SharedKeys
    from gateway.load.observation import MeterReading
    from gateway.load.ports import Meters
    from gateway.load.site import LoadSite


def feeds(circuits: Sequence[Circuit]) -> dict[str, Meter]:
    """Meters of shared connections, by a name that no circuit has."""
    return {
        feed(each.keys.shared): each.feed for each in circuits if each.keys.shared is not None and each.feed is not None
    }


def feed(shared: SharedKeys) -> str:
    """How the meter of a connection is called among those of circuits."""
    return f"connection/{shared.group}"


def rules_of(shared: SharedKeys, load: LoadKeys) -> Rules:
    """What the boxes have to agree on."""
    return Rules(
        group=shared.group,
        limit=shared.max_current,
        base=shared.base_load,
        shares=dict(shared.fallback),
        life=shared.lease,
        release=shared.failsafe_timeout,
        rotation=load.rotation,
    )


def sharing(
    circuits: Sequence[Circuit], load: LoadKeys, site: LoadSite, meters: Meters, boot: str, now: float
) -> Sharing | None:
    """What takes part for this box; None: it shares nothing.

    Args:
        circuits: Of the checked site.
        load: Of the site file.
        site: As load management has it.
        meters: Of circuits, with ``feeds`` among them.
        boot: Names this run.
        now: Seconds of the loop's clock.
    """
    found = []
    for circuit in circuits:
        if circuit.keys.shared is not None:
            rules = rules_of(circuit.keys.shared, load)
            meter = partial(_reading, None if circuit.feed is None else meters, feed(circuit.keys.shared))
            needs = Needs(site, circuit.keys.id, rules.back)
            found.append(Shared(circuit=circuit.keys.id, rules=rules, needs=needs, meter=meter))
    return Sharing(load.mqtt, found, boot, now) if load.mqtt is not None and found else None


def _reading(meters: Meters | None, name: str) -> MeterReading | None:
    readings: Mapping[str, MeterReading | None] = {} if meters is None else meters.readings()
    return readings.get(name)
