"""Texts for codes, in German and English. Codes travel through the product; the text is made here, at the edge."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tomli

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = ("en", "de")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a reader is told: what is wrong, what to do about it, and why it matters ("" if that is plain)."""

    message: str
    remedy: str
    why: str = ""


class Catalogue:
    """The texts of one language."""

    def __init__(self, language: str, texts: Mapping[str, Text], words: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts
        self._words = words

    @classmethod
    def load(cls, language: str) -> Catalogue:
        """Read the texts of a language; one that is not there gives English."""
        folder = _FOLDER / (language if language in LANGUAGES else "en")
        messages = tomli.loads((folder / "messages.toml").read_text("utf-8"))
        words = tomli.loads((folder / "words.toml").read_text("utf-8"))
        return cls(folder.name, {code: Text(**fields) for code, fields in messages.items()}, words)

    def __contains__(self, code: object) -> bool:
        return code in self._texts

    def codes(self) -> Iterator[str]:
        """All codes that have a text."""
        return iter(self._texts)

    def text(self, code: str, params: Mapping[str, object]) -> Text:
        """The text of a code with its values filled in.

        A code without a text is shown with its values: a reader must never lose a fault to a missing translation.
        """
        found = self._texts.get(code)
        if found is None:
            values = ", ".join(f"{name} = {value}" for name, value in params.items())
            return Text(message=f"{code} ({values})" if values else code, remedy="")
        values_or_names = _Values(params)
        return Text(
            message=found.message.format_map(values_or_names),
            remedy=found.remedy.format_map(values_or_names),
            why=found.why.format_map(values_or_names),
        )

    def word(self, key: str, **params: object) -> str:
        """A word or a phrase of the command line."""
        return self._words.get(key, key).format_map(_Values(params))


class _Values(dict[str, object]):
    """Values of a text; one that is absent shows its name."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def preferred_language(environment: Mapping[str, str] | None = None) -> str:
    """The language that the user's environment asks for (POSIX: LC_ALL, then LC_MESSAGES, then LANG)."""
    variables = os.environ if environment is None else environment
    chosen = next((variables[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if variables.get(name)), "")
    language = chosen.partition(".")[0].partition("_")[0].casefold()
    return language if language in LANGUAGES else "en"
