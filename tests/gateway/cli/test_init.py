"""`stationlift init`: what it writes passes `check`."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest
import tomli
from typing_extensions import override

from tests.gateway.cli.running import call

if TYPE_CHECKING:
    from pathlib import Path


ANSWERS = ("--name", 'Garage "West"', "--identity", "AT-EBE-1", "--charge-box-identity", "BOX\\1", "--data-dir", "data")


def test_the_result_passes_check(tmp_path: Path) -> None:
    file = tmp_path / "new" / "site.toml"
    assert call("init", file, *ANSWERS, "--backend-url", "wss://csms.example.com/ocpp") == 0
    assert call("check", "--strict", file) == 0
    document = tomli.loads(file.read_text())
    assert document["box"]["name"] == 'Garage "West"'
    assert document["backend"]["security_profile"] == 2
    assert document["station"][0]["charge_box_identity"] == "BOX\\1"


def test_a_backend_without_tls_gets_profile_1(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    assert call("init", file, *ANSWERS, "--backend-url", "ws://10.0.0.1:9000") == 0
    assert call("check", "--strict", file) == 0
    assert tomli.loads(file.read_text())["backend"]["security_profile"] == 1


def test_the_password_is_for_its_owner_only_and_never_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("init", tmp_path / "site.toml", *ANSWERS, "--backend-url", "wss://host/") == 0
    password = tmp_path / "secrets" / "AT-EBE-1.password"
    assert password.stat().st_mode & 0o777 == 0o600
    secret = password.read_text().strip()
    assert len(secret) == 32
    told = capsys.readouterr().out
    assert str(password) in told
    assert secret not in told


@pytest.mark.ocpp("A00.FR.801", "A00.FR.802")
def test_every_station_gets_a_password_of_its_own_by_chance(tmp_path: Path) -> None:
    passwords = set()
    for number in range(20):
        folder = tmp_path / str(number)
        assert call("init", folder / "site.toml", *ANSWERS, "--backend-url", "wss://host/") == 0
        passwords.add((folder / "secrets" / "AT-EBE-1.password").read_text().strip())
    assert len(passwords) == 20
    assert {len(each) for each in passwords} == {32}
    assert len(set("".join(passwords))) > 50  # of 62 letters and digits


def test_a_password_that_is_there_is_kept(tmp_path: Path) -> None:
    password = tmp_path / "secrets" / "AT-EBE-1.password"
    password.parent.mkdir()
    password.write_text("from-the-operator")
    assert call("init", tmp_path / "site.toml", *ANSWERS, "--backend-url", "wss://host/") == 0
    assert password.read_text() == "from-the-operator"


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.toml"
    file.write_text("mine")
    assert call("init", file, *ANSWERS, "--backend-url", "wss://host/") == 1
    assert file.read_text() == "mine"
    assert "error[file-exists]" in capsys.readouterr().err


def test_a_wrong_answer_is_shown_and_leaves_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.toml"
    assert call("init", file, *ANSWERS, "--backend-url", "https://host/") == 1
    assert not file.exists()
    assert "error[not-url]" in capsys.readouterr().err


def test_without_a_terminal_a_missing_answer_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", tmp_path / "site.toml", "--name", "x") == 1
    assert "--identity is missing" in capsys.readouterr().err


class Terminal(io.StringIO):
    """Somebody who types."""

    @override
    def isatty(self) -> bool:
        return True


def test_in_a_terminal_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("Garage\n\nAT-9\nBOX\nwss://host/\n"))
    file = tmp_path / "site.toml"
    assert call("init", file, "--data-dir", "data", language="de") == 0
    assert tomli.loads(file.read_text())["station"][0]["identity"] == "AT-9"
    assert "Kennung der Station beim Backend: " in capsys.readouterr().out
    assert call("check", file) == 0


def test_a_folder_that_cannot_be_written_is_an_expected_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert call("init", tmp_path / "file" / "site.toml", *ANSWERS, "--backend-url", "wss://host/") == 1
    assert "error[file-unwritable]" in capsys.readouterr().err
