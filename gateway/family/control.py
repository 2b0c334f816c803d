"""What can be done to a station of a family, as sequences of steps; and the watchdog that it has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.config.fields import Many, Section
from gateway.family.fields import FormulaField

Seconds = Annotated[float, Field(ge=0, le=86_400)]


class Step(Section):
    """One step: write a point, send a command, wait for a time or until something is so.

    Exactly one of ``point``, ``send``, ``delay_s`` and ``wait`` is given. ``value`` and ``args`` are numbers, booleans
    or expressions over the station's points and over what the verb itself knows (``value``, ``amps``, ``phases``,
    ``token``); a text is written in quotes inside: "'text'".
    """

    point: str = Field("", description="Point to write.")
    send: str = Field("", description="Command, request or topic to send.")
    value: FormulaField | None = Field(None, description="Value to write.")
    args: dict[str, FormulaField] = Field(default_factory=dict, description="Values for the placeholders.")
    delay_s: Seconds | None = Field(None, description="Seconds to wait.")
    wait: FormulaField | None = Field(None, description="Condition to wait for.")
    timeout_s: Seconds = Field(10.0, description="Seconds after which a wait has failed.")
    when: FormulaField | None = Field(None, description="Condition without which the step is left out.")
    fc: Literal[5, 6, 15, 16] | None = Field(None, description="Function code of this write.")
    accept_refusal: bool = Field(default=False, description="A refusal of the station is no failure.")


Steps = Many[Step]


class Verify(Section):
    """How it is seen that a limit has taken effect: ``point`` (A, or the unit of the limit) against what was set."""

    point: str = Field("limit", description="Point that tells what is set.")
    tol: Annotated[float, Field(ge=0)] = Field(0.1, description="Difference that is none.")
    within_s: Seconds = Field(5.0, description="Seconds that the station may take.")
    le: bool = Field(default=False, description="A lower value is as good: cable or temperature may limit further.")


class LimitControl(Section):
    """``[control.limit]``: the current (or power) that the station offers at most."""

    write: Steps = Field(min_length=1, description="Steps that set it; `value` is in `unit`, `amps` in A per phase.")
    unit: Literal["A", "W"] = Field("A", description="Unit of min, max, step and value.")
    from_amps: FormulaField | None = Field(None, description="W for a unit of W: from `amps` and `phases`.")
    min: Annotated[float, Field(ge=0)] = Field(6.0, description="Lowest value that is no pause.")
    max: Annotated[float, Field(gt=0)] = Field(description="Highest value that the station takes.")
    step: Annotated[float, Field(gt=0)] = Field(1.0, description="Values between are rounded down.")
    pause: Literal["zero", "disable"] | Steps = Field(
        "zero", description="How charging is held: the value 0, control.enable off, or steps of its own."
    )
    verify: Verify | None = Field(None, description="How it is seen; absent: the station tells nothing.")
    settle_s: Seconds = Field(0.0, description="Seconds after a write before anything else is sent.")
    dwell_s: Seconds = Field(0.0, description="Seconds between two writes that raise the limit.")
    persist: bool = Field(default=False, description="A write wears the station's memory: only on change.")
    daily_cap: Annotated[int, Field(ge=1)] | None = Field(None, description="Writes a day that the memory stands.")


class SwitchControl(Section):
    """A verb with two directions."""

    on: Steps = Field(min_length=1, description="Steps that switch on.")
    off: Steps = Field(min_length=1, description="Steps that switch off.")
    when: FormulaField | None = Field(None, description="Condition under which the station obeys.")


class SequenceControl(Section):
    """A verb that is done once."""

    seq: Steps = Field(min_length=1, description="Its steps.")
    when: FormulaField | None = Field(None, description="Condition under which the station obeys.")


class PhasesControl(Section):
    """Change between one and three phases."""

    one: Steps = Field(min_length=1, description="Steps to one phase.")
    three: Steps = Field(min_length=1, description="Steps to three phases.")
    when: FormulaField | None = Field(None, description="Condition under which the station obeys.")
    dwell_s: Seconds = Field(300.0, description="Seconds between two changes.")


class Control(Section):
    """``[control]``: what the family can be told."""

    limit: LimitControl | None = None
    enable: SwitchControl | None = Field(None, description="Release and hold charging.")
    start: SequenceControl | None = Field(None, description="Start a charge, as a driver would.")
    stop: SequenceControl | None = Field(None, description="End a charge, as a driver would.")
    authorize: SequenceControl | None = Field(None, description="Tell the station a token: `token`.")
    unlock: SequenceControl | None = Field(
        None, description="Open the plug's lock, once: for the CSMS, and at the end of a session."
    )
    lock: SwitchControl | None = Field(None, description="Lock and unlock the station for drivers.")
    availability: SwitchControl | None = Field(None, description="In and out of service.")
    phases: PhasesControl | None = None
    reset: SequenceControl | None = Field(None, description="Restart the station.")
    wake_ev: SequenceControl | None = Field(None, description="Wake a sleeping vehicle.")


class Watchdog(Section):
    """``[watchdog]``: what the station does when it hears nothing, and what keeps it content.

    ``read-any`` and ``read-or-write``: any traffic does. ``write``: ``seq`` is sent every ``every_s`` seconds.
    ``rewrite-limit``: the limit that is set is sent again.
    """

    kind: Literal["none", "unknown", "read-any", "read-or-write", "write", "rewrite-limit"] = "unknown"
    seq: Steps = Field((), description="What is sent.")
    every_s: FormulaField | None = Field(None, description="Seconds between; a number or an expression over points.")
    timeout_s: Seconds | None = Field(None, description="Seconds after which the station falls back, where fixed.")
    timeout: str = Field("", description="Point that holds these seconds.")
    fallback: str = Field("", description="Point that holds the current it falls back to.")
    setup: Steps = Field(
        (),
        description="Steps that switch the watchdog on, after connecting; `fallback` (A) and `timeout` (s) are what the "
        "site file asks for, none where it does not.",
    )
    recover: Steps = Field((), description="Steps after it has struck.")
    note: str = Field("", description="For people.")
