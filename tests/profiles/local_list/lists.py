"""Requests and a box with the local list profile, for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.fakes.box import Box


def item(token: str, status: str | None = "Accepted", *, kind: str = "ISO14443", **info: Any) -> Json:
    """An AuthorizationData; without ``status`` one that removes its token."""
    entry: Json = {"idToken": {"idToken": token, "type": kind}}
    return entry if status is None else {**entry, "idTokenInfo": {"status": status, **info}}


def full(version: int, *items: Json) -> Json:
    """A SendLocalListRequest that replaces the list."""
    return _request("Full", version, items)


def differential(version: int, *items: Json) -> Json:
    """A SendLocalListRequest that changes the list."""
    return _request("Differential", version, items)


def _request(kind: str, version: int, items: tuple[Json, ...]) -> Json:
    request: Json = {"updateType": kind, "versionNumber": version}
    return {**request, "localAuthorizationList": list(items)} if items else request


async def set_variable(box: Box, component: str, variable: str, value: str) -> None:
    """The CSMS sets a variable."""
    data = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    answer = await box.call("SetVariables", {"setVariableData": [data]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"


async def version_of(box: Box) -> int:
    """What GetLocalListVersion says."""
    return int((await box.call("GetLocalListVersion", {}))["versionNumber"])
