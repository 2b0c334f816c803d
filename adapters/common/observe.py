"""What the values of an EVSE mean for its session and its connector. Pure but for remembering what was seen last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.evaluate import Condition, condition
from gateway.family.state import Letter
from gateway.model.evse import ConnectorStatus, Fault
from gateway.model.session import EMERGENCY_STOP, Seen
from gateway.model.tokens import Token, type_of_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

UNKNOWN_STATE = Fault(component="CPPWMController", code="OtherError", info="state unknown")
LIMIT_LOST = Fault(component="CPPWMController", code="LimitNotConfirmed", info="limit could not be read back")


NOT_HELD = Fault(component="PowerContactor", code="NotHeldBack", info="current flows though it is held back")

_UNLOCKED = "ConnectorLockFailure"
"""Whatever the station's state is, nothing begins to flow through a plug that is not locked (G05.FR.01)."""

_LONGEST = 36
"""Characters of an idToken (OCPP 2.0.1 Part 2, 3.54)."""


class Observer:
    """One EVSE as its values show it.

    Args:
        plugged: Whether a vehicle was there when the box was stopped; a state that does not say leaves it so.
    """

    def __init__(self, *, plugged: bool = False) -> None:
        self._last = Condition(letter=Letter.UNKNOWN, flowing=False)
        self._known_at: float | None = None
        self._plugged = plugged
        self._card: str | None = None

    @property
    def plugged(self) -> bool:
        """True while a vehicle is known to be at the plug."""
        return self._plugged

    @property
    def letter(self) -> Letter:
        """The state as it was seen last."""
        return self._last.letter

    def look(self, family: AnyFamily, values: Mapping[str, Value], now: float) -> Condition:
        """The condition; one that is not known stays as it was for a while, then it is a fault.

        Until the state is known for the first time its letter is ``unknown``.
        """
        found = condition(family, values)
        if found.letter is not Letter.UNKNOWN:
            self._known_at = now
        elif self._known_at is None:
            self._known_at = now  # it has a while to say it for the first time, too
        if found.letter is Letter.UNKNOWN:
            stale = family.state.stale_s if family.state is not None else 0.0
            if now - self._known_at < stale:
                return self._last
            found = Condition(letter=Letter.F, flowing=False, faults=(*found.faults, UNKNOWN_STATE))
        self._last = found
        if found.plugged is not None:
            self._plugged = found.plugged
        return found

    def seen(self, found: Condition) -> Seen:
        """The condition as a session takes it; in a fault the cable counts as it was before."""
        letter = found.letter
        codes = tuple(EMERGENCY_STOP if fault.info == EMERGENCY_STOP else fault.code for fault in found.faults)
        return Seen(
            plugged=self._plugged,
            ready=letter.wants,
            offering=bool(letter.offering) or found.flowing,
            flowing=found.flowing,
            faulted=letter.faulted or letter is Letter.UNAVAILABLE or (_UNLOCKED in codes and not found.flowing),
            codes=codes,
        )

    def card(self, values: Mapping[str, Value]) -> Token | None:
        """The token that has just been presented at the station's reader.

        What stands there when the box starts was presented before.
        """
        if "rfid" not in values:
            return None  # not read, or not any more
        text = _number(values["rfid"])
        before, self._card = self._card, text
        return Token(value=text, type=type_of_card(text)) if before is not None and text and text != before else None


def vehicle_in_bay(values: Mapping[str, Value]) -> bool | None:
    """True while the station's own sensor sees a vehicle in the parking bay; None where it has none."""
    shown = values.get("bay")
    return bool(shown) if isinstance(shown, bool | int) else None


def _number(shown: Value) -> str:
    """The number of a card; "" where none is shown, or nothing that can be one."""
    if isinstance(shown, bool) or not isinstance(shown, str | int):
        return ""
    text = str(shown).strip()
    return text if text.strip("0") and len(text) <= _LONGEST else ""


def status(found: Condition, *, plugged: bool) -> ConnectorStatus:
    """The connector's status."""
    match found.letter:
        case Letter.E | Letter.F:
            return ConnectorStatus.FAULTED
        case Letter.DISABLED | Letter.UNAVAILABLE:
            return ConnectorStatus.OCCUPIED if plugged else ConnectorStatus.UNAVAILABLE
        case _:
            return ConnectorStatus.OCCUPIED if plugged else ConnectorStatus.AVAILABLE
