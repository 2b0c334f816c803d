"""Tokens of the master pass group: they stop every transaction, and start none (OCPP 2.0.1 Part 2, C16)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.rules.commands import master_stops
from gateway.model.tokens import AuthorizationStatus
from profiles.common.tokens import RULES

if TYPE_CHECKING:
    from gateway.contracts import Northbound
    from gateway.model.device import DeviceModel
    from gateway.model.tokens import Authorization, Token

_GROUP = VariableRef(component=RULES, variable="MasterPassGroupId")


def master_group(device: DeviceModel) -> str:
    """The key of the master pass group; "" where there is none."""
    return device.value(_GROUP).casefold() if device.spec(_GROUP) is not None else ""


def is_master(device: DeviceModel, group: Token | None) -> bool:
    """Tell whether a group is that of the master pass."""
    master = master_group(device)
    return bool(master) and group is not None and group.key == master


def presented(northbound: Northbound, station: str, authorization: Authorization) -> Authorization:
    """What holds for a token that has been presented: a valid master pass stops all, and may not charge itself.

    Where the box's page takes input, who has it chooses there (C16.FR.01), else it is all of them (C16.FR.02).
    """
    if not authorization.accepted or not is_master(northbound.device(station), authorization.group):
        return authorization
    if northbound.installation(station).keypad:
        northbound.offer_stops(station)
    else:
        for stop in master_stops(northbound.station(station)):
            northbound.background(northbound.execute(stop))
    return replace(authorization, status=AuthorizationStatus.NOT_AT_THIS_TIME)
