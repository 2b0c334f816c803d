"""Expressions of family files: what they mean, what is unknown, what is not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.family.expression import Expression
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Value

STATION: dict[str, Value] = {
    "state": 254,
    "flags": 0x105,
    "voltage": (230, 231, 229),
    "current": (10.0, None, 9.5),
    "power": 2300.5,
    "letter": "C2",
    "allowed": True,
    "gone": None,
    "broken": float("nan"),
    "value": 16,
}


def result(text: str) -> Value:
    return Expression.parse(text).evaluate(STATION)


def refused(text: str) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        Expression.parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state in [254, 255] and bit(flags, 8)", True),
        ("state in [254, 255] and bit(flags, 1)", False),
        ("5 <= state <= 14", False),
        ("250 < state < 255", True),
        ("state not in [1, 2]", True),
        ("allowed and not bit(flags, 3)", True),
        ("(value << 8) | value", 0x1010),
        ("flags & 0x0F == 5", True),  # unlike in C, & binds closer than ==
        ("-value + 2 * 3 - 7 // 2 % 2", -11),
        ("round(power * 0.001, 1)", 2.3),
        ("int(value / 0.06)", 266),
        ("trunc(-2.7)", -2),
        ("abs(-3)", 3),
        ("min(value, 20, 6.5)", 6.5),
        ("max(voltage)", 231),
        ("sum(voltage) / len(voltage)", 230.0),
        ("sum(voltage * 2)", 1380),
        ("'on' if letter in ['C', 'C2'] else 'off'", "on"),
        ("'C' in letter", True),
        ("'on' if state == 1 else 'off'", "off"),
        ("any([state == 1, allowed])", True),
        ("all([state == 1, allowed])", False),
        ("[1, -2, 'x', none, value]", (1, -2, "x", None, 16)),
        ("true", True),
        ("True and not false", True),
        ("int('12') + float('0.5')", 12.5),
        ("letter == 'C2'", True),
        ("letter == 2", False),
        ("230 in voltage", True),
    ],
)
def test_what_an_expression_means(text: str, expected: Value) -> None:
    assert result(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "gone + 1",
        "absent",
        "gone == 1",
        "gone in [1, 2]",
        "not gone",
        "1 < gone < 3",
        "broken + 1",
        "sum(current)",
        "max(current)",
        "1 if gone else 2",
        "gone or false",
        "allowed and gone",
        "1 / 0",
        "value % 0",
        "letter + 1",
        "letter < 3",
        "-letter",
        "voltage == 230",
        "voltage + [1, 2]",
        "max([])",
        "1 << 64",
        "1 << -1",
        "2.5 | 1",
        "18446744073709551615 * 2",
        "1e308 * 10",
        "int('x')",
        "float('inf')",
        "bit(flags, 99)",
        "bit(letter, 1)",
        "round(power, 99)",
        "7 in current",
        "letter or false",
    ],
)
def test_what_cannot_be_known_is_unknown(text: str) -> None:
    assert result(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gone is none", True),
        ("gone == none", True),
        ("gone != None", False),
        ("state is not none", True),
        ("voltage == none", False),
        ("gone and false", False),
        ("gone or true", True),
        ("state in [0, 5] or gone is none", True),
        ("gone in [1, none]", True),
        ("gone not in [1, none]", False),
        ("state in [254, none]", True),
        ("state == 254 != gone", None),
        ("state == 1 != gone", False),
        ("10 in current", True),
        ("any([gone, allowed])", True),
        ("all([gone, not allowed])", False),
    ],
)
def test_what_does_not_depend_on_the_unknown_is_decided(text: str, *, expected: bool | None) -> None:
    assert result(text) is expected


def test_arithmetic_goes_over_the_phases() -> None:
    assert result("voltage * current") == (2300.0, None, 2175.5)
    assert result("round(current * 10)") == (100, None, 95)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("letter.upper()", "letter.upper()"),
        ("voltage[0]", "voltage[0]"),
        ("1 + state ** 2", "state ** 2"),
        ("[v for v in voltage]", "[v for v in voltage]"),
        ("__import__('os')", "__import__('os')"),
        ("round(number=1)", "round(number=1)"),
        ("max(*voltage)", "*voltage"),
        ("bit(flags)", "bit(flags)"),
        ("lambda: 1", "lambda: 1"),
        ("(a := 1)", "a := 1"),
        ("f'{letter}'", "f'{letter}'"),
        ("b'x'", "b'x'"),
        ("1j", "1j"),
        ("...", "..."),
        ("1e999", "1e999"),
        ("9" * 900, "9" * 900),
        ("{1: 2}", "{1: 2}"),
        ("(1, 2)", "(1, 2)"),
        ("[[1]]", "[1]"),
        ("state is 1", "state is 1"),
        ("~state", "~state"),
        ("letter >= '1.10'", "letter >= '1.10'"),
    ],
)
def test_everything_else_is_refused_and_shown(text: str, what: str) -> None:
    error = refused(text)
    assert (error.code, error.params) == ("expression-forbidden", {"text": text, "what": what})


@pytest.mark.parametrize("text", ["", "a b", "a = 1", "import os", "(" * 300, "1\x00", "1if a else 2", "a;b", "'\\d'"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    assert refused(text).code == "expression-syntax"


def test_size_is_bounded() -> None:
    assert refused("+".join(["a"] * 40)).params["what"] == "79 > 64"
    assert refused("a" * 1001).code == "expression-too-large"


def test_names_are_what_must_be_known() -> None:
    assert Expression.parse("min(state, max) if true else bit(flags, i)").names == {"state", "max", "flags", "i"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state == 4", (4,)),
        ("5 <= state <= 14", (5, 14)),
        ("state in [1, -5, 'x'] or state == other", (1, -5, "x")),
        ("4 == state or state is none", (4,)),
        ("bit(state, 3) and not bit(state, 0)", (8, 0, 1)),
        ("state & 12 == 4", (12, 0)),
        ("other == 3", ()),
    ],
)
def test_constants_are_what_a_name_is_compared_with(text: str, expected: tuple[Value, ...]) -> None:
    assert Expression.parse(text).constants_of("state") == expected


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["C2", "12"])
VALUES = SCALARS | st.lists(SCALARS, max_size=4).map(tuple)
NAMES = st.sampled_from(["a", "b", "c"])
ATOMS = NAMES | st.sampled_from(["0", "1", "-3", "0.5", "63", "1e300", "'C2'", "''", "true", "false", "none", "[]"])


OPERATORS = st.sampled_from([
    "+", "-", "*", "/", "//", "%", "&", "|", "<<", ">>",
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "and", "or", "if a else",
])  # fmt: skip
FUNCTIONS = st.sampled_from([
    "bit", "min", "max", "abs", "round", "int", "trunc", "sum", "any", "all", "len", "float",
])  # fmt: skip


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, OPERATORS, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(FUNCTIONS, st.lists(inner, max_size=3)).map(lambda parts: f"{parts[0]}({', '.join(parts[1])})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        inner.map(lambda part: f"(-{part})"),
        inner.map(lambda part: f"(not {part})"),
    )


EXPRESSIONS = st.recursive(ATOMS, grown, max_leaves=12)


def parsed(text: str) -> Expression | None:
    """The expression; None where it is refused with one of the codes that it may be refused with."""
    try:
        return Expression.parse(text)
    except GatewayError as error:
        if error.code in {"expression-syntax", "expression-forbidden", "expression-too-large"}:
            return None
        raise


@given(EXPRESSIONS, st.dictionaries(NAMES, VALUES))
@example("(a * b)", {"a": (1, 2), "b": (1e308, float("inf"))})
@example("round(a, b)", {"a": 1e300, "b": -9})
def test_no_value_makes_an_expression_raise(text: str, values: dict[str, Value]) -> None:
    expression = parsed(text)
    if expression is None:
        return
    found = expression.evaluate(values)
    for each in found if isinstance(found, tuple) else (found,):
        assert not isinstance(each, tuple)
        assert not isinstance(each, float) or abs(each) < float("inf")
        assert not isinstance(each, int) or abs(each) <= 2**64


@given(EXPRESSIONS, st.dictionaries(NAMES, VALUES))
def test_what_is_decided_without_its_values_stays_so(text: str, values: dict[str, Value]) -> None:
    expression = parsed(text)
    if expression is None or "none" in text or not isinstance(early := expression.evaluate({}), bool):
        return
    assert expression.evaluate(values) is early


@given(st.text() | st.text(alphabet="abit0123456789.,()[]'\"+-*/%&|<>=! {}:\\\n"))
def test_any_text_is_refused_or_understood(text: str) -> None:
    expression = parsed(text)
    if expression is not None:
        expression.evaluate(STATION)


def test_expressions_of_one_text_are_equal() -> None:
    assert Expression.parse("a + 1") == Expression.parse("a + 1")
    assert len({Expression.parse("a"), Expression.parse("a"), Expression.parse("b")}) == 2
