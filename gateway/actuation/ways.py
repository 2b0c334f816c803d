"""The means of limiting an EVSE: a key, a vendor's message, an output, a duty cycle. Each reads back where it can."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from gateway.actuation.amounts import amount, driven, filled, same
from gateway.model.commands import ACCEPTED, Outcome, ReadVariables, SetVariable, VendorRequest, Verdict
from gateway.model.station import Capability

if TYPE_CHECKING:
    from gateway.actuation.hands import Fitted, Hands
    from gateway.config.control import DataTransfer

logger = logging.getLogger(__name__)


class Way(Protocol):
    """One means at one EVSE."""

    async def set(self, current: float) -> Outcome:
        """Let the EVSE draw no more than so many A per phase, 0 to what its wiring allows."""


class KeyWay:
    """ChangeConfiguration of a vendor's key; GetConfiguration shows what has become of it, from OCPP 1.5 on."""

    def __init__(self, fitted: Fitted, hands: Hands, key: str) -> None:
        self._fitted = fitted
        self._hands = hands
        self._key = filled(key, "", fitted.number)
        self._hidden = False
        self._holds: str | None = None

    async def set(self, current: float) -> Outcome:
        """Write the key and read it back; what needs a restart of the station does not hold now.

        Keys lie in a memory that wears: what is there already is not written again.
        """
        fitted = self._fitted
        wanted = amount(fitted.control, current, fitted.phases)
        if self._holds in {None, wanted} and self._readable and await self._is_there(wanted):
            self._holds = wanted
            return ACCEPTED
        self._holds = ""
        outcome = await self._hands.ask(SetVariable(station=fitted.station, key=self._key, value=wanted))
        if outcome.verdict is Verdict.REBOOT_REQUIRED:
            return Outcome(verdict=Verdict.REJECTED, reason=f"{self._key} only counts after a restart")
        if outcome.accepted:
            outcome = await self._read_back(wanted)
            self._holds = wanted if outcome.accepted and self._readable else ""
        return outcome

    @property
    def _readable(self) -> bool:
        return Capability.CONFIGURATION_READ in self._hands.station(self._fitted.station).capabilities

    async def _is_there(self, wanted: str) -> bool:
        shown = await self._hands.ask(ReadVariables(station=self._fitted.station, keys=(self._key,)))
        return shown.accepted and shown.data is not None and same(shown.data, wanted)

    async def _read_back(self, wanted: str) -> Outcome:
        station = self._fitted.station
        if not self._readable:
            return ACCEPTED
        shown = await self._hands.ask(ReadVariables(station=station, keys=(self._key,)))
        if shown.accepted and shown.data is None:
            if not self._hidden:
                logger.warning("%s: %s cannot be read back: whether the limit holds is not known", station, self._key)
            self._hidden = True
            return ACCEPTED
        if not shown.accepted or shown.data is None:
            return shown
        if same(shown.data, wanted):
            return ACCEPTED
        return Outcome(verdict=Verdict.REJECTED, reason=f"{self._key} is {shown.data}, not {wanted}")


class TransferWay:
    """DataTransfer of a vendor's message; only its answer tells what has become of it."""

    def __init__(self, fitted: Fitted, hands: Hands, message: DataTransfer) -> None:
        self._fitted = fitted
        self._hands = hands
        self._message = message

    async def set(self, current: float) -> Outcome:
        """Send the message, and compare the answer with the one that is asked for."""
        fitted, message = self._fitted, self._message
        value = amount(fitted.control, current, fitted.phases)
        data = filled(message.data, value, fitted.number)
        request = VendorRequest(station=fitted.station, vendor=message.vendor, message=message.message, data=data)
        outcome = await self._hands.ask(request)
        if not outcome.accepted or message.answer is None:
            return outcome
        wanted = filled(message.answer, value, fitted.number)
        if same(outcome.data or "", wanted):
            return ACCEPTED
        return Outcome(verdict=Verdict.REJECTED, reason=f"answered {outcome.data or 'nothing'}, not {wanted}")


class OutputWay:
    """An added contactor: the whole current, or none."""

    def __init__(self, fitted: Fitted, hands: Hands, output: str) -> None:
        self._fitted = fitted
        self._hands = hands
        self._output = output

    async def set(self, current: float) -> Outcome:
        """Close the contactor only where all that the outlet draws is allowed."""
        return await self._hands.turn(
            self._output, on=allows(self._fitted, current) is not self._fitted.control.inverted
        )


class PilotWay:
    """An added module in the control pilot that lowers its duty cycle."""

    def __init__(self, fitted: Fitted, hands: Hands, output: str) -> None:
        self._fitted = fitted
        self._hands = hands
        self._output = output

    async def set(self, current: float) -> Outcome:
        """Set the output to the duty cycle of the current."""
        return await self._hands.drive(self._output, driven(self._fitted.control, current))


def allows(fitted: Fitted, current: float) -> bool:
    """Tell whether a limit leaves an outlet that can only be switched all that it draws."""
    return current + 0.05 >= fitted.draws
