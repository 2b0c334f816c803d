"""`stationlift check`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.gateway.cli.running import call, installed
from tests.gateway.config.samples import FIELD_CONFIGS, GOOD, TAKEN, spoiled, write_site

if TYPE_CHECKING:
    from pathlib import Path


def test_a_good_file_is_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_site(tmp_path)
    assert call("check", file) == 0
    assert capsys.readouterr().out == f"{file}: good; 2 station(s)\n"


def test_findings_are_1_with_all_of_them_and_a_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_site(tmp_path, spoiled('"Garage"', "3").replace("id = 2", "id = 7"))
    assert call("check", file) == 1
    told = capsys.readouterr().out
    assert f"--> {file}:2:8" in told
    assert f"--> {file}:31:6" in told
    assert f"{file}: 2 error(s), 0 warning(s)" in told


def test_the_report_in_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_site(tmp_path, spoiled('"Garage"', "3"))
    assert call("check", file, language="de") == 1
    assert "Fehler[wrong-type]: `name` muss vom Typ string sein, nicht integer" in capsys.readouterr().out


def test_a_warning_is_0_but_1_with_strict(tmp_path: Path) -> None:
    file = write_site(tmp_path)
    (tmp_path / "csms.password").chmod(0o644)
    assert call("check", file) == 0
    assert call("check", "--strict", file) == 1


def test_json_is_an_empty_array_for_a_good_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", "--format", "json", write_site(tmp_path)) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_on_another_machine_the_files_are_not_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(GOOD)
    assert call("check", file) == 1
    assert call("check", "--no-files", file) == 0


def test_an_absent_file_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("check", tmp_path / "absent.toml") == 1
    assert "error[site-missing]" in capsys.readouterr().out


def test_run_refuses_a_bad_file_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", write_site(tmp_path, spoiled('"Garage"', "3"))) == 1
    assert "error[wrong-type]" in capsys.readouterr().err


@pytest.mark.parametrize("file", TAKEN, ids=lambda file: file.name)
def test_field_configs_are_good(file: Path) -> None:
    assert call("check", "--strict", "--no-files", file, adapters=installed) == 0


def test_schema_prints_what_lies_beside_the_field_configs(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("schema") == 0
    assert json.loads(capsys.readouterr().out)["properties"].keys() >= {"box", "backend", "station"}


def test_what_the_box_will_do_by_itself_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    file = FIELD_CONFIGS / "bundle-basic-ac.toml"
    assert call("check", "--no-files", file, adapters=installed) == 0
    told = capsys.readouterr().out
    assert "note[bundle-brings]: bundle `basic-ac`: cabinet of an AC station. 11 sensor(s)" in told
    assert "note[reaction-block]: when `fire AT-EBE-0201` shows Active == true, the box ends charging at" in told
    assert call("check", "--no-files", file, adapters=installed, language="de") == 0
    assert "Hinweis[reaction-block]: wenn `fire AT-EBE-0201` Active == true zeigt, beendet" in capsys.readouterr().out
