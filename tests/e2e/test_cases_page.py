"""The page of certification cases against the tests that it names."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_TEXT = (_ROOT / "docs" / "reference" / "certification.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (TC_[A-Z]_\d+_CS) \| (passed|n\.a\.|differs) \| ?(.*?) ?\| ?(.*?) ?\|$", re.MULTILINE)


def test_every_case_is_there_once_and_says_why_or_by_what() -> None:
    rows = _ROW.findall(_TEXT)
    assert len(rows) == _TEXT.count("\n| TC_")
    assert Counter(case for case, *_ in rows).most_common(1)[0][1] == 1
    for case, result, reason, tests in rows:
        assert tests if result == "passed" else reason, case


def test_the_counts_are_those_of_the_rows() -> None:
    told = [
        list(map(int, row))
        for row in re.findall(r"^\| [A-Z][\w ]+ \| (\d+) \| (\d+) \| (\d+) \|$", _TEXT, re.MULTILINE)
    ]
    found = Counter(result for _, result, *_ in _ROW.findall(_TEXT))
    assert [sum(column) for column in zip(*told, strict=True)] == [found["passed"], found["n.a."], found["differs"]]


def test_the_tests_that_it_names_are_there() -> None:
    for name in set(re.findall(r"`(tests/[^`]+)`", _TEXT)):
        path, *inner = name.split("::")
        text = (_ROOT / path).read_text(encoding="utf-8")
        for part in inner:
            assert re.search(rf"(?:def|class) {part}\b", text), name
