"""The name of a limit, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.limits.reason import LimitName

if TYPE_CHECKING:
    from gateway.locale import Catalogue
    from gateway.model.limits.reason import LimitReason


def limit_text(reason: LimitReason, words: Catalogue) -> str:
    """Why a limit holds; a code without a text is shown with its values, so that nothing is lost to a missing text."""
    values = dict(reason.values)
    if reason.code not in set(LimitName):
        return reason.text
    if reason.code == LimitName.OTHER and "holder" not in values:
        values["holder"] = values.pop("name", "?")
    parts = [words.word(f"limit-by-{reason.code}", **values), values.get("name", "")]
    if "profile" in values:
        parts.append(words.word("limit-profile", purpose=reason.code, **values))
    if "node" in values and reason.code != LimitName.CIRCUIT:
        parts.append(words.word(f"limit-by-{LimitName.CIRCUIT}", **values))
    return ", ".join(part for part in (*parts, values.get("phase", "")) if part)
