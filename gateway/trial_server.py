"""The UNIX socket for `stationlift test`: one order, one answer; an output is on no longer than the connection lasts."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.trial_orders import TrialAnswer, order_from_json, to_json
from gateway.unix_socket import serve_socket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from gateway.trials import Trials

PATIENCE = 5.0
"""Seconds for an order to come."""

LONGEST = 60.0
"""Seconds that an output stays on for a test at most."""


async def serve_trials(path: Path, trials: Trials, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until cancelled.

    Args:
        path: Of the socket.
        trials: Carries out the orders.
        ready: Told once orders are taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _serve(reader, writer, trials)

    await serve_socket(path, answer, ready)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trials: Trials) -> None:
    async with asyncio.timeout(PATIENCE):
        document = await reader.readline()
    try:
        # The first order loads what reads it, which takes its time.
        order = await asyncio.to_thread(order_from_json, document)
    except ValueError:
        writer.write(to_json(TrialAnswer(error="test-order-invalid")))
        return
    answer = await _answered(trials.carry_out(order))
    try:
        writer.write(to_json(answer))
        await writer.drain()
        if order.what == "relay" and not answer.error:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    await reader.readline()
    finally:
        if order.what == "relay" and not answer.error:
            # Whatever becomes of the technician's terminal, the output does not stay on.
            released = await asyncio.shield(asyncio.ensure_future(_answered(trials.release(order))))
            writer.write(to_json(released))


async def _answered(work: Awaitable[TrialAnswer]) -> TrialAnswer:
    try:
        return await work
    except GatewayError as error:
        return TrialAnswer(error=error.code, params={name: str(value) for name, value in error.params.items()})
