"""`stationlift family`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from gateway.family.family import KINDS
from gateway.family.vectors import check
from tests.gateway.cli.running import call
from tests.gateway.family.families import family_file, text_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site file with a folder of its own families."""
    (tmp_path / "families").mkdir()
    for kind in KINDS:
        (tmp_path / "families" / f"small-{kind}.toml").write_text(text_of(kind), encoding="utf-8")
    return tmp_path / "site.toml"


def spoiled(site: Path, kind: str, old: str, new: str) -> Path:
    file = site.parent / "families" / f"small-{kind}.toml"
    text = text_of(kind)
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_a_good_family_is_0(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = site.parent / "families" / "small-modbus.toml"
    assert call("family", "lint", "small-modbus", "--site", site) == 0
    assert capsys.readouterr().out == f"{file}: good\n"


def test_lint_shows_each_finding_with_its_place(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spoiled(site, "modbus", 'verify = { point = "limit"', 'verify = { point = "limits"')
    assert call("family", "lint", file) == 1
    told = capsys.readouterr().out
    assert "error[family-point-unknown]: there is no point `limits`" in told
    assert re.search(re.escape(str(file)) + r":\d+:20", told)
    assert "did you mean `limit`?" in told
    assert f"{file}: 1 error(s), 0 warning(s)" in told


def test_lint_in_german(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spoiled(site, "modbus", 'verify = { point = "limit"', 'verify = { point = "limits"')
    assert call("family", "lint", file, language="de") == 1
    assert "Fehler[family-point-unknown]: einen Punkt `limits` gibt es nicht" in capsys.readouterr().out


def test_a_file_that_breaks_the_schema_is_shown_too(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spoiled(site, "modbus", "max_span", "maxspan")
    assert call("family", "lint", file) == 1
    assert "did you mean `max_span`?" in capsys.readouterr().out
    assert call("family", "test", file) == 1
    assert "did you mean `max_span`?" in capsys.readouterr().err


def test_a_warning_is_0_but_1_with_strict(site: Path) -> None:
    assert call("family", "lint", "small-ascii-line", "--site", site) == 0
    assert call("family", "lint", "--strict", "small-ascii-line", "--site", site) == 1


def test_findings_of_several_files_as_json(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"small-{kind}" for kind in KINDS]
    assert call("family", "lint", "--format", "json", *names, "--site", site) == 0
    assert {each["code"] for each in json.loads(capsys.readouterr().out)} == {"family-limit-unverified"}


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_and_round_trip_of_a_good_family_are_0(
    kind: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("family", "test", f"small-{kind}", "--site", site) == 0
    told = re.fullmatch(
        r".*: (\d+) of (\d+) vector\(s\) as stated; round trip of \d+ point\(s\)\n", capsys.readouterr().out
    )
    assert told is not None
    assert told[1] == told[2] != "0"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("energy_total = 51.53", "energy_total = 51.54", "`energy_total` should be 51.54 and is 51.53"),
        ("limit = 6.19", "limit = 7", "`limit` should be 7 and is fc = 6/16, at = 261, regs = [70]"),
        ("4a 1f 23", "4a 1f 24", "the checksum of the answer"),
        ("bits = { 0", "bits = { 16 = 'door', 0", "`65536` cannot be written"),
    ],
)
def test_what_differs_is_shown_at_its_line(
    old: str, new: str, told: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = spoiled(site, "modbus", old, new)
    assert call("family", "test", file) == 1
    line = next(number for number, line in enumerate(file.read_text().split("\n"), start=1) if new in line)
    shown = capsys.readouterr().out
    assert told in shown
    found = re.search(re.escape(str(file)) + r":(\d+):", shown)
    assert found is not None
    assert 0 <= line - int(found[1]) <= 3  # a frame that cannot be read is shown at its [[vector]]


def test_list_names_own_families_and_those_of_the_packages(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("family", "list", "--site", site) == 0
    told = capsys.readouterr().out
    assert re.search(r"^small-modbus +Modbus .* +station +2 +0 +10 +Example +One$", told, re.MULTILINE)
    assert re.search(r"^schrack-cion +Modbus RTU 57600 8N1", told, re.MULTILINE)


def test_list_as_json_tells_which_file_cannot_be_used(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = spoiled(site, "mqtt", "schema = 1", "schema = 9")
    assert call("family", "list", "--format", "json", "--site", site) == 1
    rows = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    assert rows["small-mqtt"] == {"id": "small-mqtt", "file": str(file), "errors": 1}
    assert rows["small-modbus"]["completeness"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_family_lints_with_warnings_only_and_its_own_example_is_right(kind: str, site: Path) -> None:
    assert call("family", "new", "acme-1", "--kind", kind, "--site", site) == 0
    file = site.parent / "families" / "acme-1.toml"
    assert call("family", "lint", "acme-1", "--site", site) == 0
    assert call("family", "test", "acme-1", "--site", site) == 0
    if kind != "modbus-ascii":  # its example has no frame
        text = file.read_text(encoding="utf-8")
        head, mark, example = text.rpartition("# [[vector]]")
        (result,) = check(family_file(site.parent, head + (mark + example).replace("\n# ", "\n").removeprefix("# ")))
        assert result.ok


def test_a_new_family_may_be_a_copy_with_all_comments(site: Path) -> None:
    assert call("family", "new", "copy", "--from", "small-modbus", "--site", site) == 0
    text = (site.parent / "families" / "copy.toml").read_text(encoding="utf-8")
    assert text == text_of("modbus").replace("small-modbus", "copy")
    assert call("family", "test", "copy", "--site", site) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("lint", "small-modbu"), "family-unknown"),
        (("test", "absent.toml"), "family-missing"),
        (("new", "Acme", "--kind", "mqtt"), "family-bad-id"),
        (("new", "acme"), "flag-missing"),
        (("new", "acme", "--from", "small-modbus", "--kind", "mqtt"), "family-other-kind"),
        (("new", "small-mqtt", "--kind", "mqtt"), "file-exists"),
    ],
)
def test_what_cannot_be_done_says_why(
    arguments: tuple[str, ...], code: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("family", *arguments, "--site", site) == 1
    assert f"error[{code}]" in capsys.readouterr().err


def test_a_wrong_name_gets_the_nearest_one(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("family", "lint", "small-modbu", "--site", site) == 1
    assert "did you mean `small-modbus`?" in capsys.readouterr().err


def test_misuse_is_2() -> None:
    assert call("family") == 2
    assert call("family", "paint") == 2
    assert call("family", "lint") == 2
