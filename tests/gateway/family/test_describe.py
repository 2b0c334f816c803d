"""The page of keys says what the models check."""

from __future__ import annotations

import inspect
from typing import Annotated, Literal

import pytest

from gateway.config.fields import Section
from gateway.family import control, family, link, points, state
from gateway.family.describe import key_tables, type_text
from gateway.family.family import KINDS

TABLES = {table.heading: {key.name: key for key in table.keys} for table in key_tables()}


def test_every_key_of_every_table_is_there() -> None:
    told = {name for keys in TABLES.values() for name in keys}
    for module in (control, family, link, points, state):
        for _, model in inspect.getmembers(module, inspect.isclass):
            if issubclass(model, Section) and model not in KINDS.values():
                assert {field.alias or name for name, field in model.model_fields.items()} <= told, model


def test_a_key_has_its_name_type_limits_and_default() -> None:
    at = TABLES["[points] of modbus"]["at"]
    assert (at.type, at.required, at.default) == ("whole number ≥ 0 ≤ 65535", True, "")
    word = TABLES["[points] of modbus"]["word"]
    assert (word.type, word.required, word.default) == ('"big", "little"', False, '"big"')
    assert TABLES["[points] of ascii-line"]["from"].type == "text or list of text"
    assert TABLES["[link] of modbus"]["split_on_error"].default == "false"
    assert TABLES["[state]"]["map"].type == "table of state"


def test_what_is_common_stands_in_one_table_only() -> None:
    assert "scale" in TABLES["[points], every kind"]
    assert "scale" not in TABLES["[points] of modbus"]


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (str | None, "text"),
        (Annotated[int, "anything"], "whole number"),
        (Literal[5, 6], "5, 6"),
        (dict[str, float], "table of number"),
        (tuple[str, ...] | str, "list of text or text"),
    ],
)
def test_types_are_told_in_the_words_of_toml(annotation: object, text: str) -> None:
    assert type_text(annotation) == text
