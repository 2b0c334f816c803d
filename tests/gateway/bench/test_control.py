"""The control protocol: every line is answered, none is fatal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from gateway.bench.control import VERBS, ControlledStation, obey, parse, serve
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class Recorder(ControlledStation):
    """A station that notes what happens to it; EVSE 9 does not exist."""

    def __init__(self) -> None:
        self.acts: list[tuple[object, ...]] = []

    def _note(self, *act: object) -> None:
        if 9 in act:
            raise GatewayError("unknown-evse", evse=9)
        self.acts.append(act)

    @override
    async def plug_in(self, evse: int) -> None:
        self._note("plug_in", evse)

    @override
    async def plug_out(self, evse: int) -> None:
        self._note("plug_out", evse)

    @override
    async def present_token(self, evse: int, token: str) -> None:
        self._note("present_token", evse, token)

    @override
    async def ev_pause(self, evse: int) -> None:
        self._note("ev_pause", evse)

    @override
    async def ev_resume(self, evse: int) -> None:
        self._note("ev_resume", evse)

    @override
    async def fault(self, evse: int, error: str) -> None:
        self._note("fault", evse, error)

    @override
    async def clear_fault(self, evse: int) -> None:
        self._note("clear_fault", evse)

    @override
    async def power_cycle(self) -> None:
        self._note("power_cycle")

    @override
    async def link_down(self) -> None:
        self._note("link_down")

    @override
    async def link_up(self) -> None:
        self._note("link_up")

    @override
    async def exit(self) -> None:
        self._note("exit")


@pytest.mark.parametrize("verb", sorted(VERBS))
async def test_every_verb_reaches_the_station(verb: str) -> None:
    station = Recorder()
    arguments = {"evse": 2, "token": "AB", "error": "GroundFailure"}
    taken = {name: arguments[name] for name in VERBS[verb].arguments}
    assert await obey(station, orjson.dumps({"do": verb, **taken})) == {"done": verb, **taken}
    assert station.acts == [(verb, *taken.values())]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "control-json"),
        (b"[]", "control-json"),
        (b"\xff\xfe", "control-json"),
        (b'{"evse":1}', "control-json"),
        (b'{"do":"dance"}', "unknown-verb"),
        (b'{"do":"plug_in","token":"x"}', "unknown-argument"),
        (b'{"do":"plug_in","evse":"1"}', "wrong-argument"),
        (b'{"do":"plug_in","evse":true}', "wrong-argument"),
        (b'{"do":"plug_in","evse":0}', "wrong-argument"),
        (b'{"do":"present_token","evse":1}', "wrong-argument"),
        (b'{"do":"present_token","evse":1,"token":""}', "wrong-argument"),
        (b'{"do":"fault","evse":1,"error":5}', "wrong-argument"),
        (b'{"do":"plug_in","evse":9}', "unknown-evse"),
    ],
)
async def test_bad_lines_are_answered_by_an_error(line: bytes, code: str) -> None:
    station = Recorder()
    answer = await obey(station, line)
    assert answer["error"] == code
    assert station.acts == []
    orjson.dumps(answer)


@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(repr).map(str.encode))
def test_no_bytes_break_the_parser(line: bytes) -> None:
    known = {"control-json", "unknown-verb", "unknown-argument", "wrong-argument"}
    try:
        code = parse(line).verb
    except GatewayError as error:
        code = error.code
    assert code in known | set(VERBS)


async def test_serve_answers_in_order_and_ends_with_exit() -> None:
    station = Recorder()
    said: list[Mapping[str, object]] = []

    async def lines() -> AsyncIterator[bytes]:
        for line in (b'{"do":"plug_in"}', b"", b"nonsense", b'{"do":"exit"}', b'{"do":"plug_out"}'):
            yield line

    await serve(station, lines(), said.append)
    assert [next(iter(item)) for item in said] == ["done", "error", "done"]
    assert station.acts == [("plug_in", 1), ("exit",)]
