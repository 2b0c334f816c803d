"""The UNIX socket for `stationlift load explain`: one question, one answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.json_line import from_line, to_line
from gateway.load.explanation import Explanation, explain
from gateway.model.errors import GatewayError
from gateway.unix_socket import serve_socket

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.load.ports import Box, Limits
    from gateway.load.service import LoadService

SOCKET = "load.sock"
PATIENCE = 5.0
"""Seconds for a question to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An EVSE as STATION/EVSE, a station, or "" for all."""

    evse: str = ""


def load_socket(data_dir: Path) -> Path:
    """Where the running box with this data folder answers."""
    return data_dir / SOCKET


async def serve_explanations(path: Path, service: LoadService, box: Box, limits: Limits) -> None:
    """Answer until cancelled."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE):
            document = await reader.readline()
        writer.write(to_line(await _answered(document, service, box, limits)))
        await writer.drain()

    await serve_socket(path, answer)


async def _answered(document: bytes, service: LoadService, box: Box, limits: Limits) -> Explanation:
    try:
        # The first question loads what reads it, which takes its time.
        question = await asyncio.to_thread(from_line, Question, document)
        return explain(service, box, limits, question.evse)
    except ValueError:
        return Explanation(error="limit-order-invalid")
    except GatewayError as error:
        return Explanation(error=error.code, params={name: str(value) for name, value in error.params.items()})
