"""Lines out of pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.line.splitter import MAX_LINE, Splitter


@given(
    lines=st.lists(st.text(alphabet="$OK ^0", min_size=1).map(str.strip).filter(bool)),
    cuts=st.lists(st.integers(1, 20)),
)
def test_however_it_is_cut_the_lines_are_the_same(lines: list[str], cuts: list[int]) -> None:
    stream = "".join(f"{line}\r\n" for line in lines).encode()
    splitter = Splitter("\r")
    found: list[bytes] = []
    for cut in [*cuts, len(stream)]:
        found += splitter.feed(stream[:cut])
        stream = stream[cut:]
    assert found == [line.encode() for line in lines]


@given(length=st.integers(MAX_LINE + 1, 3 * MAX_LINE))
def test_noise_without_an_end_is_forgotten(length: int) -> None:
    splitter = Splitter("\r")
    assert splitter.feed(b"\x80" * length) == []
    assert splitter.feed(b"$OK\r") == [b"$OK"]
