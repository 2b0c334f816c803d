"""Protocols of tests, on disk."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway import protocols
from gateway.locale import Catalogue
from gateway.model.trial import Check, Verdict

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 1, 10, 12, tzinfo=UTC)


def protocol(number: int = 0, station: str = "AT-1") -> protocols.Protocol:
    return protocols.Protocol(
        kind="meter", subject=f"{station}/1", station=station, evse=1, at=AT + timedelta(minutes=number), box="Garage",
        by="<b>Eva</b>", version="1.0", result=Verdict.FAILED,
        checks=(Check(name="direction", verdict=Verdict.FAILED, found="-5.0", expected=">= 0"),),
        measured=(("Current.Import L1", "-5 A"),), inspection="",
    )  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("en", "direction of the current"), ("de", "Richtung des Stroms")])
def test_a_page_for_people_and_a_document_for_programs(language: str, words: str, tmp_path: Path) -> None:
    file = protocols.write(tmp_path, protocol(), Catalogue.load(language))
    page = file.read_text("utf-8")
    assert words in page
    assert "<b>Eva" not in page
    assert not re.search(r"https?:|src=|<script|<link|@import|url\(", page)
    kept = json.loads(file.with_suffix(".json").read_text("utf-8"))
    assert (kept["result"], kept["at"], kept["checks"][0]["name"]) == (
        "failed",
        "2026-01-10T12:00:00+00:00",
        "direction",
    )
    assert {each.stat().st_mode & 0o077 for each in (file, file.with_suffix(".json"))} == {0}


def test_the_last_hundred_are_kept(tmp_path: Path) -> None:
    for number in range(protocols.KEPT + 5):
        protocols.write(tmp_path, protocol(number), Catalogue.load("en"))
    names = sorted(each.name for each in (tmp_path / "protocols").iterdir())
    assert len(names) == 2 * protocols.KEPT
    assert names[0].startswith("20260110T120500")


def test_what_is_of_a_station_and_a_time(tmp_path: Path) -> None:
    for number, station in enumerate(("AT-1", "AT-2", "")):
        protocols.write(tmp_path, protocol(number, station), Catalogue.load("en"))
    (tmp_path / "protocols" / "20260110T130000000Z-odd.json").write_text("[]")
    assert [each["station"] for each in protocols.read(tmp_path, "AT-1")] == ["AT-1", ""]
    assert [each["station"] for each in protocols.read(tmp_path, "AT-1", AT + timedelta(minutes=1))] == [""]
    assert [each["station"] for each in protocols.read(tmp_path, "AT-1", None, AT)] == ["AT-1"]
    assert protocols.read(tmp_path / "nowhere", "AT-1") == []
