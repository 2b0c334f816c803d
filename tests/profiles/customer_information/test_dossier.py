"""The text of a report, in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiles.customer_information.dossier import PAGE_LENGTH, pages


@given(st.lists(st.text(max_size=1200), max_size=8).map("\n".join))
def test_no_piece_is_too_long_and_together_they_are_the_text(text: str) -> None:
    found = pages(text)
    assert "".join(found) == text
    assert all(len(each) <= PAGE_LENGTH for each in found)
    assert len(found) == 1 or all(found)


@given(st.lists(st.text(alphabet="abc", max_size=PAGE_LENGTH - 1), max_size=20))
def test_lines_that_fit_stay_whole(lines: list[str]) -> None:
    assert [line for page in pages("\n".join(lines)) for line in page.splitlines()] == "\n".join(lines).splitlines()
