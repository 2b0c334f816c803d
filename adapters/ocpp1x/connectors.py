"""The station's own connector numbers, and EVSEs and connectors of OCPP 2.0.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.ids import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST = 99
"""No station has a connector with a number above this, unless the site says so: it would be kept for ever."""


class Connectors:
    """Translates both ways; a connector that the site does not name is an EVSE of its own with the same number.

    Args:
        station: the station's id northbound.
        named: (evse, connector) by the station's own number, from the site.
    """

    __slots__ = ("_by_number", "_by_place", "_first_at", "_station")

    def __init__(self, station: str, named: Mapping[int, tuple[int, int]]) -> None:
        self._station = station
        self._by_number = dict(named)
        self._by_place = {place: number for number, place in named.items()}
        self._first_at = {named[number][0]: number for number in sorted(named, reverse=True)}

    def place(self, number: int) -> Place:
        """Where a connector is; 0, and what can be no connector's number, is the station itself."""
        if not self._is_one(number):
            return Place(station=self._station)
        evse, connector = self._by_number.get(number) or (self._spare_evse(number), 1)
        return Place(station=self._station, evse=evse, connector=connector)

    def charging_place(self, number: int) -> Place:
        """Where a transaction runs: never at connector 0, so that this means the only, or the first, connector."""
        return self.place(number if self._is_one(number) else min(self._by_number, default=1))

    def _is_one(self, number: int) -> bool:
        return 0 < number <= _MOST or number in self._by_number

    def numbers(self, place: Place) -> tuple[int, ...]:
        """The station's own numbers for a place: 0 for the station, all connectors of an EVSE for connector 0."""
        if place.evse == 0:
            return (0,)
        if place.connector:
            return (self._by_place.get((place.evse, place.connector)) or self._spare_number(place.evse),)
        named = sorted(number for (evse, _), number in self._by_place.items() if evse == place.evse)
        return tuple(named) or (self._spare_number(place.evse),)

    def _spare_evse(self, number: int) -> int:
        """The EVSE of a number that the site does not name: the same number, unless another connector has that EVSE.

        Then it takes the EVSE number that this other connector's own number leaves free, so that no two meet.
        """
        evse = number
        while evse in self._first_at:
            evse = self._first_at[evse]
        return evse

    def _spare_number(self, evse: int) -> int:
        """The other direction of ``_spare_evse``."""
        number = evse
        for _ in self._by_number:
            if number not in self._by_number:
                break
            number = self._by_number[number][0]
        return number if number not in self._by_number and self._spare_evse(number) == evse else evse
