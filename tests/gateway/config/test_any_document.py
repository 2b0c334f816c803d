"""Whatever stands in a site file, the check answers with findings and never with a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import tomli
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.files import Nowhere
from gateway.config.load import examine
from gateway.config.report import render_json, render_text
from gateway.locale import Catalogue
from tests.gateway.config.samples import ADAPTERS, GOOD
from tests.gateway.config.test_positions import paths_of, values

if TYPE_CHECKING:
    from gateway.config.positions import KeyPath

PATHS = sorted(paths_of(tomli.loads(GOOD)), key=str)
CATALOGUES = [Catalogue.load("en"), Catalogue.load("de")]


def replaced(document: object, path: KeyPath, value: object) -> object:
    """A copy of a document with another value at one path."""
    if not path:
        return value
    if isinstance(document, dict):
        return {key: replaced(inner, path[1:], value) if key == path[0] else inner for key, inner in document.items()}
    assert isinstance(document, list)
    return [replaced(inner, path[1:], value) if place == path[0] else inner for place, inner in enumerate(document)]


def check(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "site.toml"
        file.write_bytes(text)
        examined = examine(file, ADAPTERS, files=Nowhere())
    assert (examined.site is None) == any(each.severity == "error" for each in examined.findings)
    for catalogue in CATALOGUES:
        assert render_text(examined.findings, examined.text, catalogue) or not examined.findings
        render_json(examined.findings, catalogue)
        for each in examined.findings:
            text_of = catalogue.text(each.code, each.params)
            assert "<" not in {text_of.message[:1], text_of.remedy[:1]}
            assert each.span is not None


@given(st.sampled_from(PATHS), values)
def test_a_wrong_value_anywhere(path: KeyPath, value: object) -> None:
    document = replaced(tomli.loads(GOOD), path, value)
    assert isinstance(document, dict)
    check(tomlkit.dumps(document).encode())


@given(st.binary(max_size=200))
def test_any_bytes(text: bytes) -> None:
    check(text)


@given(st.integers(0, len(GOOD)), st.text(max_size=3), st.integers(0, 5))
def test_a_slip_of_the_keyboard(place: int, typed: str, deleted: int) -> None:
    check((GOOD[:place] + typed + GOOD[place + deleted :]).encode("utf-8", "surrogatepass"))
