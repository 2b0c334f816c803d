"""What is too long for one message, on both ways: limits of requests, and reports in several parts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson

from gateway.contracts import CallRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.contracts import Json
    from gateway.model.device import DeviceModel

PAGE_BYTES = 16_384
"""No part of a report is longer than this, unless a single item is."""

STRIDE = 32
"""Items of a report that are made in one go; a small computer takes a few milliseconds for so many."""

_PAGE_FRAME = 200  # requestId, generatedAt and so on, and the OCPP-J frame around the payload


def check_size(device: DeviceModel, component: str, action: str, payload: Json, items: int) -> None:
    """Hold a request against ItemsPerMessage and BytesPerMessage of its action.

    Args:
        device: Has both variables, in instances named for the action.
        component: That they are of.
        action: Of the request.
        payload: Its payload.
        items: How many items it has.

    Raises:
        CallRefused: ``OccurrenceConstraintViolation`` or ``FormatViolation``.
    """
    limit = device.integer(component, "ItemsPerMessage", action)
    if items > limit:
        raise CallRefused("OccurrenceConstraintViolation", items=items, limit=limit)
    size, limit = len(orjson.dumps(payload)), device.integer(component, "BytesPerMessage", action)
    if size > limit:
        raise CallRefused("FormatViolation", bytes=size, limit=limit)


async def unhurried(items: Iterable[Json]) -> list[Json]:
    """Make items one after the other, and let everybody else have a turn now and then.

    A box leads several stations in one event loop, and a long report of one must not make the others wait.
    """
    made = []
    for number, item in enumerate(items, start=1):
        made.append(item)
        if number % STRIDE == 0:
            await asyncio.sleep(0)
    return made


def parts(items: Iterable[Json]) -> list[list[Json]]:
    """Items in parts of at most ``PAGE_BYTES``; no items are one empty part."""
    return list(_parts(items, PAGE_BYTES - _PAGE_FRAME))


def _parts(items: Iterable[Json], limit: int) -> Iterator[list[Json]]:
    part: list[Json] = []
    size = 0
    for item in items:
        length = len(orjson.dumps(item)) + 1
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    yield part
