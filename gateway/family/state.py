"""From the values of a family's points to the state of an EVSE (IEC 61851-1, annex A), and from there to OCPP's terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gateway.config.fields import Many, Section
from gateway.family.fields import FormulaField


class Letter(StrEnum):
    """State of the control pilot. 1: the station does not offer current, 2: it does; without: that is not known."""

    A = "A"
    A1 = "A1"
    A2 = "A2"
    B = "B"
    B1 = "B1"
    B2 = "B2"
    C = "C"
    C1 = "C1"
    C2 = "C2"
    D = "D"
    D1 = "D1"
    D2 = "D2"
    E = "E"
    F = "F"
    DISABLED = "disabled"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"

    @property
    def plugged(self) -> bool | None:
        """True with a vehicle at the plug; None where the state does not say."""
        if self in _SILENT:
            return None
        return self.value[0] in "BCD"

    @property
    def wants(self) -> bool:
        """True where the vehicle wants energy."""
        return self.value[0] in "CD"

    @property
    def offering(self) -> bool | None:
        """True where the station offers current; None where the letter does not say."""
        return None if len(self.value) == 1 else self.value.endswith("2")

    @property
    def faulted(self) -> bool:
        """True for an error of the pilot or of the station."""
        return self in {Letter.E, Letter.F}


_SILENT = {Letter.E, Letter.F, Letter.DISABLED, Letter.UNAVAILABLE, Letter.UNKNOWN}


LetterField = Annotated[Letter, Field(strict=False)]
"""A letter is a text in TOML."""


class Rule(Section):
    """A state, and the condition under which it holds."""

    when: FormulaField
    state: LetterField


class StateRules(Section):
    """``[state]``: either ``map`` over ``point``, or ``rules``; ``override`` comes first in both cases.

    The first rule that is true decides. ``errors`` names what a value of the state point means as an error.
    """

    point: str = Field("", description="Point whose value is the state.")
    map: dict[str, LetterField] = Field(default_factory=dict, description="Value of the point -> state.")
    rules: Many[Rule] = Field((), description="Conditions and their states; the first that is true decides.")
    override: Many[Rule] = Field((), description="Conditions that come before everything else.")
    errors: dict[str, str] = Field(default_factory=dict, description="Value of the state point -> error.")
    stale_s: Annotated[float, Field(gt=0)] = Field(30.0, description="Seconds that an unknown state keeps the last.")
    flowing: FormulaField | None = Field(None, description="Condition for current that flows; else power or current.")
