"""Which datagram answers which command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.udp.answers import Heard, holds
from adapters.udp.pool import UdpConnection, UdpPool
from gateway.family.link import Datagram
from tests.adapters.udp.station import REPORT2, family

COMMANDS = family().commands


def _heard(text: str) -> Heard:
    return Heard.of(text.encode(), "utf-8")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"ID":"2","State":1}', "report2"),
        ('{"ID":2}', "report2"),
        ('{"ID ":"2"}', "report2"),
        ("TCH-OK :done\r\n", "ena"),
        ('"Firmware: P30"', "about"),
    ],
)
def test_an_answer_is_known(text: str, name: str) -> None:
    assert _heard(text).answers(COMMANDS[name])


@pytest.mark.parametrize("text", ['{"ID":"20"}', '{"State":2}', '{"ID":[2]}', "[2]", "2", '"TCH"', "{", ""])
def test_anything_else_is_none(text: str) -> None:
    assert not _heard(text).answers_one_of(COMMANDS.values())


@pytest.mark.parametrize(
    ("rx", "text", "refusal"),
    [
        ("TCH-OK", "TCH-ERR :x", True),
        ("TCH-OK", "TCH-OK :x", False),
        ("TCH-OK", "ERR", False),
        ("OK", "ERROR 5", True),
        ("OK", "OK", False),
        ("OK", '{"half', False),
        ("OK", "\x01\x02", False),
        ("OK", '{"a":1}', False),
    ],
)
def test_a_refusal_is_such_a_text_as_success_is(rx: str, text: str, refusal: bool) -> None:  # noqa: FBT001
    command = Datagram.model_validate({"tx": "go", "rx": rx})
    assert _heard(text).refuses([command]) is refusal


def test_a_push_holds_a_point_only_if_all_of_it_is_there() -> None:
    assert holds({"a": None}, "/a")
    assert not holds({"a": 1}, ("/a", "/b"))


@given(data=st.one_of(st.binary(), st.text().map(str.encode), st.sampled_from([REPORT2, b'{"State": 1e999}', b"[[1]"])))
def test_no_datagram_is_an_error(data: bytes) -> None:
    pool = UdpPool()
    wire = pool.wire(UdpConnection(host="127.0.0.1"), family(), 1)
    wire._station.listeners.add(wire._hear)
    wire._station._hear(data)
