"""Why a limit holds, as a code and its values; the text is made where somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LimitName(StrEnum):
    """What a limit is called. Whoever holds one may use another code; people then read code and values."""

    NOTHING = "nothing"  # nobody limits
    BUILT = "built"  # no more than wiring and connector are for
    OPERATOR = "operator"  # set at the station (LegacyStation.CurrentLimit)
    CIRCUIT = "circuit"  # load management, a circuit is full: node, phase
    IMBALANCE = "imbalance"  # load management, phases would be loaded too unevenly: node
    WAITING = "waiting"  # load management, not all can have the minimum: node
    SETTLING = "settling"  # load management, current is not yet seen to be free: node
    LOAD = "load"  # load management, for another reason
    FAILSAFE = "failsafe"  # what is needed to know better is lost: node
    GRID = "grid"  # the operator of the grid; by load management: node, name of the reduction
    ENERGY_MANAGER = "ems"  # an energy manager at the site; by load management as above
    SENSOR = "sensor"  # less current because of what a sensor sees: sensor
    TECHNICIAN = "technician"  # somebody at the box
    OTHER = "other"  # whoever that is: holder; by load management as above
    STATION_MAX = (
        "ChargingStationMaxProfile"  # as the two below a charging profile of the backend: profile (its id), level
    )
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReason:
    """``code`` is a ``LimitName`` as a rule; ``values`` are its names and values, in the order of the names."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> LimitReason:
        """The reason with these values; what is "" is left out."""
        return cls(code=code, values=tuple(sorted((name, str(each)) for name, each in values.items() if each != "")))

    @property
    def text(self) -> str:
        """As logs have it."""
        values = ", ".join(f"{name} {value}" for name, value in self.values)
        return f"{self.code} ({values})" if values else self.code
