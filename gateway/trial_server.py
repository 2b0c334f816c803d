"""The UNIX socket for `stationlift test`: one order, one answer; an output is on no longer than the connection lasts."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.status_server import prepare_socket
from gateway.trial_orders import TrialAnswer, order_from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from gateway.trials import Trials

PATIENCE = 5.0
"""Seconds for an order to come."""

LONGEST = 60.0
"""Seconds that an output stays on for a test at most."""


async def serve_trials(path: Path, trials: Trials, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until cancelled; only the box's own user may test. A socket left by a killed run is replaced.

    Args:
        path: Of the socket.
        trials: Carries out the orders.
        ready: Told once orders are taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            await _serve(reader, writer, trials)
        writer.close()

    await asyncio.to_thread(prepare_socket, path)
    server = await asyncio.start_unix_server(answer, path)
    ready()
    try:
        async with server:
            await server.serve_forever()
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trials: Trials) -> None:
    async with asyncio.timeout(PATIENCE):
        document = await reader.readline()
    try:
        order = order_from_json(document)
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
