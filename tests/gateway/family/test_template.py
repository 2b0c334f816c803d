"""Templates: what goes to a station, and what a simulator understands of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.template import Template
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Value


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("curr {ma:d}", {"ma": 16000}, "curr 16000"),
        ("curr {ma:d}", {"ma": 16000.0}, "curr 16000"),
        ("ena {on:d}", {"on": True}, "ena 1"),
        ("$SC {amps:d} V", {"amps": 6, "other": 1}, "$SC 6 V"),
        ('{"current":{ma:d}}', {"ma": 6000}, '{"current":6000}'),
        ('{"a":{"b":{x:d}},"c":{}}', {"x": 1}, '{"a":{"b":1},"c":{}}'),
        ('{{"a":{{"b":{x:d}}}}}', {"x": 1}, '{"a":{"b":1}}'),
        ('{{"a":{"b":{x:d}}}}', {"x": 1}, '{"a":{"b":1}}'),
        ("{{x}} {x}", {"x": "y"}, "{x} y"),
        ("a }} b {{ c", {}, "a } b { c"),
        ('{"tag":{tag:json}}', {"tag": 'a"\n'}, '{"tag":"a\\"\\n"}'),
        ("{limits:json}", {"limits": (6, None)}, "[6, null]"),
        ("^{sum:02X}", {"sum": 10}, "^0A"),
        ("{v:x}", {"v": 255}, "ff"),
        ("[{text:>6}]", {"text": "ab"}, "[    ab]"),
        ("[{text:_<4}]", {"text": "ab"}, "[ab__]"),
        ("{amps:.1f}", {"amps": 6.25}, "6.2"),
        ("{amps:06.2f}", {"amps": 6.5}, "006.50"),
        ("{v}", {"v": 16.0}, "16"),
        ("{v}", {"v": 6.5}, "6.5"),
        ("{v}", {"v": False}, "false"),
        ("lock {v:s}", {"v": 1}, "lock 1"),
    ],
)
def test_a_template_with_its_values(text: str, values: dict[str, Value], expected: str) -> None:
    assert Template.parse(text).render(values) == expected


def test_names_are_the_values_that_it_needs() -> None:
    assert Template.parse('{"a":{x:d},"b":"{y}"} {{z}}').names == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{v}", None),
        ("{v:d}", None),
        ("{v:json}", None),
        ("{v:d}", 6.5),
        ("{v:d}", "6"),
        ("{v:x}", -1),
        ("{v:.1f}", float("nan")),
        ("{v:.1f}", True),
        ("{v:json}", float("inf")),
        ("{v}", (1, 2)),
        ("{v:d}", 2**70),
        ("start {v}", "04A1\r$FD"),
    ],
)
def test_a_value_that_does_not_fit_is_not_sent(text: str, value: Value) -> None:
    with pytest.raises(GatewayError) as caught:
        Template.parse(text).render({"v": value})
    assert (caught.value.code, caught.value.params) == ("template-value", {"text": text, "name": "v"})


@pytest.mark.parametrize("what", ["{v:q}", "{v:!r}", "{v: d}", "{v:.2}", "{v:999d}", "{v:02s}"])
def test_a_format_that_does_not_exist_is_refused(what: str) -> None:
    with pytest.raises(GatewayError) as caught:
        Template.parse("x " + what)
    assert (caught.value.code, caught.value.params) == ("template-syntax", {"text": "x " + what, "what": what})


@pytest.mark.parametrize("text", ["{v.__class__}", "{0}", "{}", "{v!r}", "{v[0]}"])
def test_no_attribute_can_be_reached(text: str) -> None:
    assert Template.parse(text).render({"v": "secret"}) == text


def test_parts_of_a_url_are_quoted() -> None:
    template = Template.parse("/api/set?ids={ids:json}&tag={tag}")
    values: dict[str, Value] = {"ids": "a&b", "tag": "x/y\n?"}
    text = template.render(values, quote=lambda part: quote(part, safe=""))
    assert text == "/api/set?ids=%22a%26b%22&tag=x%2Fy%0A%3F"
    assert template.match(text, unquote) == values


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("curr {ma:d}", "curr 6000", {"ma": 6000}),
        ("curr {ma:d}", "currtime 6000 1", None),
        ("curr {ma:d}", "curr 6000 1", None),
        ("{a:d} {a:d}", "1 2", None),
        ("{a:d} {a:d}", "1 1", {"a": 1}),
        ("start {tag} {kind}", "start 04A1 00", {"tag": "04A1", "kind": "00"}),
        ('{"p":{v:json}}', '{"p":[1,2]}', {"v": (1, 2)}),
        ('{"p":{v:json}}', '{"p":nonsense}', None),
        ("{a:.1f}A", "6.5A", {"a": 6.5}),
        ("{a:02X}", "0A", {"a": 10}),
        ("plain (1+1)", "plain (1+1)", {}),
    ],
)
def test_what_a_simulator_understands(template: str, text: str, expected: dict[str, Value] | None) -> None:
    assert Template.parse(template).match(text) == expected


INTEGERS = st.integers(-(2**63), 2**63)
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]))


@given(INTEGERS, st.integers(0, 2**63), WORDS, st.integers(-9999, 9999))
def test_what_was_rendered_is_matched(number: int, mask: int, word: str, tenths: int) -> None:
    template = Template.parse('{{"a":{n:d},"b":"{m:04x}","w":{w:json},"p":[{word:>20}],"t":{t:_>8.1f},"z":{n:09d}}')
    values: dict[str, Value] = {"n": number, "m": mask, "w": word + '"', "word": word, "t": tenths / 10}
    assert template.match(template.render(values)) == values


@given(st.text() | st.text("{}:ad1 "), WORDS)
def test_any_text_is_refused_or_matches_what_it_renders(text: str, value: str) -> None:
    try:
        template = Template.parse(text)
        shown = template.render(dict.fromkeys(template.names, value))
    except GatewayError as error:
        if error.code not in {"template-syntax", "template-value"}:
            raise
        return
    assert (template.match(shown) or {}).keys() == template.names


@given(st.recursive(st.integers() | st.text("ab: ,"), lambda inner: st.dictionaries(WORDS, inner) | st.lists(inner)))
def test_json_without_placeholders_stays_json(document: object) -> None:
    text = json.dumps(document)
    assert Template.parse(text).render({}) == text


@given(st.lists(WORDS, min_size=1, max_size=4), INTEGERS)
def test_a_placeholder_deep_in_json(path: list[str], value: int) -> None:
    text = "".join('{"' + key + '":' for key in path) + "{v:d}" + "}" * len(path)
    found = json.loads(Template.parse(text).render({"v": value}))
    for key in path:
        found = found[key]
    assert found == value
