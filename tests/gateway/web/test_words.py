"""The language of an answer, numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.locale import LANGUAGES, Catalogue
from gateway.web.words import Reader, chosen_language


@pytest.mark.parametrize(
    ("wanted", "accepted", "expected"),
    [
        ("", "", "en"),
        ("de", "en", "de"),
        ("fr", "de", "de"),
        ("", "de-AT", "de"),
        ("", "fr, de;q=0.5, en;q=0.8", "en"),
        ("", "en;q=0.1, de", "de"),
        ("", "de;q=0, en;q=0.1", "en"),
        ("", "de;q=x", "en"),
        ("", "*", "en"),
    ],
)
def test_language(wanted: str, accepted: str, expected: str) -> None:
    assert chosen_language(wanted, accepted, LANGUAGES, "en") == expected


@given(st.text(), st.text())
def test_any_header_gives_a_language(wanted: str, accepted: str) -> None:
    assert chosen_language(wanted, accepted, LANGUAGES, "en") in LANGUAGES


def test_numbers_and_times_as_the_reader_writes_them() -> None:
    english, german = (Reader(catalogue=Catalogue.load(each), zone=ZoneInfo("Europe/Vienna")) for each in LANGUAGES)
    assert (english.number(1.005e3, 2), german.number(1.005e3, 2)) == ("1005.00", "1005,00")
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert german.time(noon, noon) == "14:00"
    assert german.time(noon, noon.replace(day=2)) == "2024-05-01 14:00"
