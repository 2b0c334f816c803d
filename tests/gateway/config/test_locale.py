"""Both languages have a text for each code, with the same values."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
import tomli

from gateway.locale import LANGUAGES, Catalogue, preferred_language
from tests.gateway.config.test_findings import codes_in, texts

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "gateway" / "locale"


def entries(language: str, name: str) -> dict[str, str]:
    """Dotted key -> text."""
    found: dict[str, str] = {}
    for key, value in tomli.loads((LOCALE / language / name).read_text("utf-8")).items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        found |= {f"{key}.{part}": str(text) for part, text in inner}
    return found


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", ["messages.toml", "words.toml"])
def test_both_languages_are_complete_and_name_the_same_values(name: str) -> None:
    english, german = (entries(language, name) for language in LANGUAGES)
    assert english.keys() == german.keys()
    assert {key for key in english if names(english[key]) != names(german[key])} == set()
    assert all(each.strip() for each in (*english.values(), *german.values()))


def test_a_code_has_a_message_and_a_remedy() -> None:
    known = entries("en", "messages.toml")
    codes = {key.partition(".")[0] for key in known}
    assert {code for code in codes if f"{code}.message" not in known or f"{code}.remedy" not in known} == set()


def test_every_code_of_the_tree_has_a_text() -> None:
    catalogue = Catalogue.load("en")
    used: dict[str, str] = {}
    for package in ("gateway", "adapters", "profiles"):
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            for code in codes_in(tree) | gateway_errors(tree):
                used[code] = str(file.relative_to(ROOT))
    assert {code: place for code, place in used.items() if code not in catalogue} == {}


def gateway_errors(tree: ast.AST) -> set[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {code for call in calls if getattr(call.func, "id", "") == "GatewayError" for code in texts(call.args[:1])}


def test_values_are_filled_in_and_absent_ones_show_their_name() -> None:
    catalogue = Catalogue.load("en")
    text = catalogue.text("unknown-key", {"key": "x"})
    assert text.message == "`x` is not a setting of <table>"


def test_a_code_without_a_text_still_shows_its_values() -> None:
    assert Catalogue.load("de").text("brand-new", {"a": 1}).message == "brand-new (a = 1)"
    assert Catalogue.load("de").text("brand-new", {}).message == "brand-new"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_AT.UTF-8", "LC_ALL": "en_GB"}, "en"),
        ({"LANG": "de", "LC_ALL": ""}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert preferred_language(environment) == language
