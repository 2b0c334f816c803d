"""Words for people, in one language or in several: ``"Water"``, ``{ en = "Water", de = "Wasser" }``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from gateway.config.fields import Surroundings

Language = Literal["en", "de"]
"""The languages of the box."""

LANGUAGES: tuple[Language, ...] = get_args(Language)
LONGEST = 500
"""Characters: what an event of OCPP 2.0.1 can carry of them (EventData.techInfo)."""


def language_of(document: Mapping[str, object]) -> Language:
    """The language that a site file says the box shows; the first one where it says none that there is."""
    box = document.get("box")
    wanted = box.get("language") if isinstance(box, Mapping) else None
    return next((each for each in LANGUAGES if each == wanted), LANGUAGES[0])


def _in_one(value: object, info: ValidationInfo) -> object:
    """The words in the language of the box, or in the one that there is."""
    if not isinstance(value, Mapping):
        return value
    for language, words in value.items():
        if language not in LANGUAGES:
            params = {"value": str(language), "allowed": ", ".join(LANGUAGES)}
            raise PydanticCustomError("wording-language", "no language of the box", params)
        if not isinstance(words, str):
            raise PydanticKnownError("string_type")
        if not words:
            raise PydanticKnownError("string_too_short", {"min_length": 1})
    found = [value[each] for each in (_wanted(info), *LANGUAGES) if each in value]
    if not found:
        raise PydanticCustomError("wording-empty", "no words", {"allowed": ", ".join(LANGUAGES)})
    return found[0]


def _wanted(info: ValidationInfo) -> Language:
    return info.context.language if isinstance(info.context, Surroundings) else LANGUAGES[0]


_WORDS = {"type": "string", "minLength": 1, "maxLength": LONGEST}

Wording = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST),
    BeforeValidator(_in_one),
    WithJsonSchema(
        {
            "anyOf": [
                _WORDS,
                {
                    "type": "object",
                    "properties": dict.fromkeys(LANGUAGES, _WORDS),
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
]
"""One text, or a table of one text by language."""
