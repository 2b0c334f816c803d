"""Variables of the device model: how they are addressed and what they are (OCPP 2.0.1 Part 1, 4; Part 2, 2.38-2.51)."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.model.device_types import DataType, Mutability

ComponentKey = tuple[str, str, int, int]
"""A component: its name and instance without regard to case, EVSE and connector (0: none)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRef:
    """The address of a variable. Names and instances compare without regard to case; an empty instance is none.

    ``evse`` and ``connector`` are None where the component is not of an EVSE or connector. ``key`` is the whole address
    as one text, the same for equal addresses: what values are stored by.
    """

    component: str = field(compare=False)
    component_instance: str | None = field(default=None, compare=False)
    evse: int | None = field(default=None, compare=False)
    connector: int | None = field(default=None, compare=False)
    variable: str = field(compare=False)
    variable_instance: str | None = field(default=None, compare=False)
    key: str = field(init=False, repr=False)
    component_key: ComponentKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        component = (
            self.component.casefold(),
            (self.component_instance or "").casefold(),
            self.evse or 0,
            self.connector or 0,
        )
        variable = f"{self.variable}[{self.variable_instance or ''}]".casefold()
        object.__setattr__(self, "component_key", component)
        object.__setattr__(self, "key", f"{component[0]}[{component[1]}]@{component[2]}.{component[3]}/{variable}")

    @property
    def label(self) -> str:
        """The address for people: ``EVSE#1.Power``, ``OCPPCommCtrlr.MessageTimeout[Default]``."""
        place = "".join(f"#{number}" for number in (self.evse, self.connector) if number)
        component = self.component + (f"[{self.component_instance}]" if self.component_instance else "")
        return f"{component}{place}.{self.variable}" + (f"[{self.variable_instance}]" if self.variable_instance else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSpec:
    """What a variable is: its type, its limits, who may write it.

    Attributes:
        ref: Its address.
        type: Data type of its value.
        default: Value until another one is set; OCPP's text form. "" is no value.
        mutability: What the CSMS may do with it.
        unit: Unit of the value ("s", "Wh" ...), "" if it has none.
        values: The allowed values of a list type.
        min_limit: Lowest number allowed.
        max_limit: Highest number allowed.
        max_length: Longest text allowed, of a string or of a whole list.
        constant: The value never changes while the box runs.
        persistent: The value is kept over a restart; what can be written always is.
        reboot_required: A new value takes effect after the next reset of the station.
        live: The value follows the state of the station; nobody sets it.
        secret: The value is never read back nor logged.
    """

    ref: VariableRef
    type: DataType = DataType.STRING
    default: str = ""
    mutability: Mutability = Mutability.READ_ONLY
    unit: str = ""
    values: tuple[str, ...] = ()
    min_limit: float | None = None
    max_limit: float | None = None
    max_length: int | None = None
    constant: bool = False
    persistent: bool = False
    reboot_required: bool = False
    live: bool = False
    secret: bool = False

    @property
    def readable(self) -> bool:
        """True where the CSMS may have the value."""
        return self.mutability is not Mutability.WRITE_ONLY and not self.secret

    @property
    def writable(self) -> bool:
        """True where the CSMS may set the value."""
        return self.mutability is not Mutability.READ_ONLY

    @property
    def kept(self) -> bool:
        """True where the value outlives a restart (Part 2, Referenced Components and Variables, 2)."""
        return self.persistent or self.writable or self.constant
