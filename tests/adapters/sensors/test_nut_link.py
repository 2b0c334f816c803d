"""Lines of upsd."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.sensors.nut_link import variable


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_values_are_read_as_they_were_written(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    assert variable(f'VAR ups device.model "{escaped}"') == ("device.model", value)
