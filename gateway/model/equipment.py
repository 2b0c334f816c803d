"""What is built into a station or its cabinet: the variables of its hardware.

Source of the names: OCPP 2.0.1 Part 2, Appendices 3 and 4.
"""

from __future__ import annotations

from importlib import resources

from gateway.model.catalogue import standard
from gateway.model.device.variable import VariableRef
from gateway.model.device_types import DataType

_QUANTITIES = {DataType.DECIMAL, DataType.INTEGER}

BOX = "Box"
"""Instance of the component ``Controller`` that is the box itself; the one without an instance is the station's."""


def of_box(variable: str) -> VariableRef:
    """A variable of the box itself."""
    return VariableRef(component="Controller", component_instance=BOX, variable=variable)


def _typical() -> dict[str, tuple[str, ...]]:
    text = (resources.files("gateway.model") / "data" / "typical.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return {component.casefold(): tuple(variables.split(",")) for component, variables in rows}


TYPICAL = _typical()
"""The variables that the standard names for each component of hardware, by its name in lower case."""


def variables_of(component: str) -> tuple[str, ...]:
    """The variables that the standard names for a component; () for one that it does not know."""
    return TYPICAL.get(component.casefold(), ())


def usual_variable(component: str, *, contact: bool) -> str | None:
    """The variable that a sensor of a component most likely gives; None: it has to be said.

    Args:
        component: A standard one.
        contact: The sensor is a contact; else it measures a quantity.
    """
    known = variables_of(component)
    if contact:
        return next((name for name in ("Active", "Tripped", "Problem") if name in known), None)
    return next((name for name in known if (entry := standard(component, name)) and entry.type in _QUANTITIES), None)
