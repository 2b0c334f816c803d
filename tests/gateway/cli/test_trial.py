"""The steps of `stationlift test`, with a technician who answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from gateway.cli.trial_steps import Technician, try_relay
from gateway.locale import Catalogue
from gateway.model.errors import GatewayError
from gateway.model.trial import Verdict
from tests.gateway.cli.running import call
from tests.gateway.config.samples import GOOD, write_site
from tests.gateway.test_trial_server import Cabinet, served

if TYPE_CHECKING:
    from pathlib import Path


WORDS = Catalogue.load("en")
"""Read at import, as that blocks."""


class Answering(Technician):
    """Says what a test wants; ``seen`` is whether the relay was on at each question."""

    def __init__(self, cabinet: Cabinet, answers: list[bool]) -> None:
        super().__init__(WORDS)
        self.cabinet, self.answers, self.seen = cabinet, answers, list[bool]()

    @override
    def confirm(self, question: str, **params: object) -> bool | None:
        self.seen.append(self.cabinet.on)
        return self.answers.pop(0)


async def test_an_output_is_on_while_the_technician_looks(tmp_path: Path) -> None:
    cabinet = Cabinet()
    technician = Answering(cabinet, [True, True, False])
    async with served(tmp_path, cabinet):
        found = await asyncio.to_thread(try_relay, tmp_path, "relay", technician)
    assert technician.seen == [False, True, False]
    assert [check.verdict for check in found.checks] == [Verdict.PASSED, Verdict.FAILED]


async def test_nothing_is_switched_against_the_technicians_will(tmp_path: Path) -> None:
    cabinet = Cabinet()
    async with served(tmp_path, cabinet):
        with pytest.raises(GatewayError, match="test-not-confirmed"):
            await asyncio.to_thread(try_relay, tmp_path, "relay", Answering(cabinet, [False]))
    assert not cabinet.changed.is_set()


def test_nobody_there_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    assert Technician(Catalogue.load("en")).confirm("trial-relay-sure", name="relay") is False
    assert Technician(Catalogue.load("en"), silent=True).confirm("trial-relay-sure", name="relay") is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("meter", "AT-1/1"), "daemon-absent"),
        (("meter", "AT-1"), "test-place"),
        (("limit", "AT-1", "one"), "test-place"),
        (("sensor", "rail"), "test-unknown-sensor"),
    ],
)
def test_what_cannot_be_tested(
    words: tuple[str, ...], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    what, *subject = words
    assert call("test", what, write_site(tmp_path, GOOD), *subject, "--yes") == 1
    assert f"error[{code}]" in capsys.readouterr().err
    assert not (tmp_path / "data" / "protocols").exists()
