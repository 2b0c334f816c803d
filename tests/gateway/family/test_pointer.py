"""JSON pointers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.pointer import MISSING, get, put, tokens
from gateway.model.errors import GatewayError

# The document of RFC 6901, section 5, and what its pointers mean.
RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/foo/2", MISSING),
        ("/foo/-", MISSING),
        ("/foo/01", MISSING),
        ("/foo/x", MISSING),
        ("/foo/0/0", MISSING),
        ("/bar", MISSING),
        ("/bar/1", MISSING),
    ],
)
def test_the_examples_of_the_standard(pointer: str, expected: object) -> None:
    assert get(RFC, pointer) == expected


def test_null_is_not_missing() -> None:
    assert get({"a": None}, "/a") is None


def test_an_escaped_tilde_is_not_unescaped_twice() -> None:
    assert tokens("/~01") == ("~1",)


@pytest.mark.parametrize("pointer", ["foo", "/a~2", "/a~"])
def test_what_is_no_pointer_is_refused(pointer: str) -> None:
    with pytest.raises(GatewayError, match="pointer-syntax"):
        get({}, pointer)


def test_a_simulator_builds_a_document() -> None:
    document = put(None, "/nrg/4", 5)
    document = put(document, "/nrg/0", 230)
    document = put(document, "/evse/0/state", "B")
    document = put(document, "/evse/-/state", "C")
    assert document == {"nrg": [230, None, None, None, 5], "evse": [{"state": "B"}, {"state": "C"}]}
    assert put(document, "", 1) == 1
    assert put({}, "/0", 1) == {"0": 1}


@pytest.mark.parametrize(("document", "pointer"), [({"a": 1}, "/a/b"), ([], "/x"), ([], "/10000"), ("text", "/0")])
def test_nothing_that_is_there_is_overwritten_on_the_way(document: object, pointer: str) -> None:
    with pytest.raises(GatewayError) as caught:
        put(document, pointer, 1)
    assert (caught.value.code, caught.value.params) == ("pointer-conflict", {"pointer": pointer})


@given(st.lists(st.text() | st.integers(0, 20).map(str), max_size=5), st.integers())
def test_what_is_put_is_found(parts: list[str], value: int) -> None:
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts if part != "-")
    assert get(put(None, pointer, value), pointer) == value
