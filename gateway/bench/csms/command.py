"""The command ``stationlift bench csms``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from gateway.bench.address import address
from gateway.bench.csms.ledger import CallResult
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from gateway.bench.lines import say_on_stderr, say_on_stdout, stdin_lines
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse

_TEXTS = {
    "listen": "where to listen (HOST:PORT; port 0 takes a free one)",
    "path": "path before the station's identity",
    "password": "file that holds the password of every station; without it none is asked for",
    "control": "- : take orders from standard input, one JSON object a line, and end with it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the small CSMS."""
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0), metavar="HOST:PORT", help=_TEXTS["listen"])
    parser.add_argument("--path", default="/ocpp", help=_TEXTS["path"])
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=_TEXTS["password"])
    parser.add_argument("--control", choices=["-"], help=_TEXTS["control"])


async def main(args: argparse.Namespace) -> int:
    """Run the CSMS until it is told to exit; the first line that it prints is ``{"url": ...}``."""
    host, port = args.listen
    try:
        password = None if args.password_file is None else await asyncio.to_thread(_secret, args.password_file)
        settings = CsmsSettings(host=host, port=port, path=args.path, password=password)
        async with Csms(settings, _show) as csms:
            say_on_stdout({"url": csms.url})
            await _obey(csms, ends_with_input=args.control == "-")
    except OSError as error:
        say_on_stderr({"error": "listen", "reason": str(error)})
        return 1
    return 0


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _show(direction: str, station: str, text: str) -> None:
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        message = text
    say_on_stdout({"dir": direction, "station": station, "message": message})


async def _obey(csms: Csms, *, ends_with_input: bool) -> None:
    calls: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        async for line in stdin_lines():
            order = _parse(line)
            if order.get("exit") is True:
                break
            if order.get("call") is not None:
                # A call waits for its answer, and other orders must not wait with it.
                task = group.create_task(_call(csms, order))
                calls.add(task)
                task.add_done_callback(calls.discard)
            elif line.strip():
                say_on_stdout(await _carry_out(csms, order))
        else:
            if not ends_with_input:
                await asyncio.Event().wait()
        for task in calls:
            task.cancel()


def _parse(line: bytes) -> dict[str, object]:
    try:
        order = orjson.loads(line)
    except orjson.JSONDecodeError:
        order = None
    return order if isinstance(order, dict) else {}


async def _carry_out(csms: Csms, order: dict[str, object]) -> dict[str, object]:
    match order:
        case {"tokens": dict(tokens)} if all(isinstance(status, str) for status in tokens.values()):
            csms.tokens.update(tokens)
            return {"done": "tokens"}
        case {"down": True}:
            await csms.go_down()
            return {"done": "down"}
        case {"up": True}:
            await csms.come_up()
            return {"done": "up"}
        case _:
            return {"error": "unknown-order", "known": ["call", "tokens", "down", "up", "exit"]}


async def _call(csms: Csms, order: dict[str, object]) -> None:
    match order:
        case {"call": str(action), "station": str(station), "payload": dict(payload)}:
            say_on_stdout({"call": action, "station": station, **await _outcome(csms, station, action, payload)})
        case _:
            say_on_stdout({"error": "wrong-argument", "expected": ["call", "station", "payload"]})


async def _outcome(csms: Csms, station: str, action: str, payload: dict[str, object]) -> dict[str, object]:
    try:
        answer = await csms.call(station, action, payload)
    except GatewayError as error:
        return {"error": error.code}
    except TimeoutError:
        return {"error": "no-answer"}
    if isinstance(answer, CallResult):
        return {"result": answer.payload, "invalid": None if answer.error is None else answer.error.text}
    return {"refused": answer.code, "description": answer.description}
