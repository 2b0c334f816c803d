"""Positions of keys and values, with tomli as the oracle."""

from __future__ import annotations

import pytest
import tomli
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.positions import KeyPath, Positions, Span


def paths_of(value: object, path: KeyPath = ()) -> set[KeyPath]:
    """Every key path of a document as tomli reads it."""
    found: set[KeyPath] = {path} if path else set()
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found |= paths_of(inner, (*path, index))
    return found


def value_at(document: object, path: KeyPath) -> object:
    for part in path:
        if isinstance(document, dict):
            document = document[part]
        elif isinstance(document, list):
            document = document[int(part)]
    return document


def check(text: str) -> None:
    """Every path has a position; every value that stands on one line is read back from there."""
    document = tomli.loads(text)
    positions = Positions(text)
    assert positions.paths() == paths_of(document)
    lines = text.replace("\r\n", "\n").split("\n")
    for path in positions.paths():
        position = positions.get(path)
        assert position is not None
        if position.key is not None:
            assert [*tomli.loads(cut(lines, position.key) + " = 0")] == [name_of(path)]
        value = value_at(document, path)
        shown = cut(lines, position.value)
        if not isinstance(value, dict | list) and not shown.startswith(('"""', "'''")):
            assert tomli.loads(f"v = {shown}")["v"] == value


def name_of(path: KeyPath) -> object:
    return next(part for part in reversed(path) if isinstance(part, str))


def cut(lines: list[str], span: Span) -> str:
    return lines[span.line - 1][span.column - 1 : span.column - 1 + span.length]


keys = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), st.text(st.characters(codec="utf-8"), max_size=5)
)
scalars = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_every_path_of_a_generated_document_has_its_position(document: dict[str, object]) -> None:
    check(tomlkit.dumps(document))


@given(
    st.dictionaries(
        keys, st.lists(st.dictionaries(keys, values, min_size=1, max_size=3), min_size=1, max_size=3), max_size=3
    )
)
def test_arrays_of_tables_keep_their_numbers(document: dict[str, object]) -> None:
    check(tomlkit.dumps(document))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "a.b . \"c d\".'e' = 1 # x\n",
        '"a\\u00e9\\t" = 1\n\'x"y\' = 2\n"" = 3\n',
        "[a.b]\nx = 1\n[a]\ny = 2\n[a.c.d]\n",
        "[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[a.c]\nz = 3\n[[a]]\n[a.c]\nz = 4\n",
        "a = [ # one\n  1, # ] two\n  [2, 'x]'], {b.c = 3, d = []},\n]\n",
        'a = """x"""\nb = """"q"""\nc = """"""\nd = """q"""""\ne = """\na\\\\"""\nf = \'\'\'\n\'x\'\'\'\'\ng = 1\n',
        'a = """\n[not]\nb = 1\n"""\n[c]\n',
        "a = 1979-05-27 07:32:00Z # z\nb = inf\nc = 0xff\nd={}\ne = [[],[{}]]",
        "a = 1\r\n[b]\r\nc = 2\r\n",
        "a = { b = 1,\n  c = { d = 2 }, # inline tables over lines: TOML 1.1\n}\n",
        "\ta = 1\n  [b]\n\t\tc\t=\t'x'\n",
        " [ a . b ] \n [[ 'c' ]] \n",
        "fruit.apple.x = 1\nfruit.apple.y = 2\nfruit.pear = 3\n",
        "ä = 1\n".replace("ä", '"ä"') + 'b = "Ö" # ü\nc = 2',
    ],
)
def test_forms_of_toml(text: str) -> None:
    check(text)


def test_spans_are_what_an_editor_shows() -> None:
    positions = Positions('[box]\n\n  name = "Ähre" # x\n[[s]]\nlist = [\n 1,\n  22,\n]\n')
    name = positions.get(("box", "name"))
    assert name is not None
    assert name.key == Span(line=3, column=3, length=4)
    assert name.value == Span(line=3, column=10, length=6)
    assert positions.nearest(("s", 0)).value == Span(line=4, column=1, length=5)
    assert positions.nearest(("s", 0, "list", 1)).value == Span(line=7, column=3, length=2)
    assert positions.nearest(("s", 0, "list")).value == Span(line=5, column=8, length=1)


def test_a_missing_key_is_shown_at_its_table() -> None:
    positions = Positions("\n[box]\nname = 1\n")
    assert positions.nearest(("box", "absent")).value == Span(line=2, column=1, length=5)
    assert positions.nearest(("absent",)).value == Span(line=1, column=1, length=1)
