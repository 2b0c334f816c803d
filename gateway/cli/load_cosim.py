"""`stationlift load cosim`: load management for a plant that is simulated elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from gateway.load.cosim import Cosimulation
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import argparse

    from gateway.cli.tools import Tools


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none: everything comes on standard input."""
    del parser


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Answer line by line until the input ends; a line that makes no sense is answered with ``error``."""
    del args
    findings = serve(sys.stdin.buffer, sys.stdout.buffer, tools)
    return 1 if findings else 0


def serve(lines: BinaryIO, answers: BinaryIO, tools: Tools) -> int:
    """Answer every line; how many of them made no sense."""
    session, findings = _Session(), 0
    for line in lines:
        if not line.strip():
            continue
        try:
            answer = session.answer(line)
        except GatewayError as error:
            findings += 1
            answer = {"error": error.code, "text": tools.catalogue.text(error.code, error.params).message}
        answers.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        answers.flush()
    return findings


class _Session:
    """The plant that the lines speak of; another site begins anew."""

    def __init__(self) -> None:
        self._plant: Cosimulation | None = None

    def answer(self, line: bytes) -> dict[str, Any]:
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise GatewayError("cosim-json", value=str(error)) from error
        if not isinstance(message, dict):
            raise GatewayError("cosim-json", value=line.decode(errors="replace").strip()[:40])
        if "site" in message:
            self._plant = Cosimulation(message["site"])
            return {"ok": True}
        if self._plant is None:
            raise GatewayError("cosim-no-site")
        return dict(self._plant.step(message.get("obs") or {}))
