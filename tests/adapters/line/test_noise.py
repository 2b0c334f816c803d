"""Whatever comes over a line, nothing leaves the bus but answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.line.layout import Layout
from adapters.line.pool import LineConnection, LinePool
from tests.adapters.line.station import family, rapi

PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from([b"\r", b"\n", b"$OK", b"$NK", b"$AT ", b"^", b":", b"$OK 1^20\r", b"$AT 3 1\r", b"\xff" * 2000]),
    st.text("$OKGT 0123456789abcdefx:^-.", max_size=20).map(rapi),
)


@given(pieces=st.lists(PIECES, max_size=12), numbered=st.booleans())
def test_noise_is_no_error(pieces: list[bytes], numbered: bool) -> None:  # noqa: FBT001
    of = family(framing={"sequence": {}}) if numbered else family()
    wire = LinePool().wire(LineConnection(serial="/dev/ttyS9"), of, 1)
    bus = wire._bus
    bus.listeners.add(wire._hear)
    for piece in pieces:
        bus.data_received(piece)


@given(text=st.text())
def test_no_unasked_line_is_an_error(text: str) -> None:
    Layout(family()).unasked(text)
