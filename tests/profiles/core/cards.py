"""Somebody presents a token, and the backend has its say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus, Token
from tests.fakes.box import ID, RFID

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box

ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)
BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)
PLACE = Place(station=ID)


async def set_(box: Box, component: str, variable: str, value: str) -> None:
    """The CSMS sets a variable."""
    assert (await box.hub.set_variable(ID, VariableRef(component=component, variable=variable), value)).accepted


async def present(box: Box, token: Token = RFID, *, patience: float = 5.0) -> AuthorizationStatus:
    """What is said of a token that somebody presents."""
    return (await box.hub.authorize(PLACE, token, patience=patience)).status


def backend_says(box: Box, status: str, **more: object) -> None:
    """What the backend answers from now on."""
    info: Json = {"status": status, **more}
    box.backend.answers["Authorize"] = {"idTokenInfo": info}
