"""How a box stands among those that share a connection, for people. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.load.sharing.member import Role
    from gateway.load.site import Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One connection.

    Attributes:
        circuit: The circuit of this box that shares it.
        group: Name of the connection.
        leader: The box that leads; "": nobody, as far as is known.
        role: How this box has its limit.
        limit: A per phase that this box may use.
    """

    circuit: str
    group: str
    leader: str
    role: Role
    limit: Phases
