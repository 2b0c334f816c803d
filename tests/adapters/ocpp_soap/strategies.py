"""Hypothesis strategies made from the message tables: any message that the tables allow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from adapters.ocpp_soap.schema import Field, Record, Type

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Value

_LEGAL = st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn"), exclude_characters="\x7f\ufffe\uffff")
_VERBATIM = st.text(st.one_of(_LEGAL, st.sampled_from("\t\n\r<>&\"'")), min_size=1, max_size=200)


def text(max_length: int) -> st.SearchStrategy[str]:
    """Text as the codec gives it back: without blanks around, and not the word that means nothing."""
    plain = st.text(_LEGAL, min_size=1, max_size=max_length or 40).map(str.strip)
    return plain.filter(lambda value: value not in ("", "null"))


def moments() -> st.SearchStrategy[datetime]:
    """UTC times to the millisecond."""
    times = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside it
    return times.map(lambda value: value.replace(microsecond=value.microsecond // 1000 * 1000))


def scalar(field: Field) -> st.SearchStrategy[Value]:
    """Any value of one element or attribute."""
    if field.type is Type.INTEGER:
        return st.integers(min_value=-(2**31), max_value=2**31 - 1)
    if field.type is Type.DECIMAL:
        return st.integers(min_value=-(10**6), max_value=10**6).map(lambda tenths: tenths / 10)
    if field.type is Type.BOOLEAN:
        return st.booleans()
    if field.type is Type.MOMENT:
        return moments()
    if field.choices is not None:
        return st.sampled_from(field.choices.values)
    if field.name == "location":
        return st.from_regex(r"ftp://[a-z]{1,8}/[a-z]{1,8}", fullmatch=True)
    return _VERBATIM if field.verbatim else text(field.max_length)


def fields(record: Record) -> st.SearchStrategy[dict[str, Value]]:
    """Any content of a structured element."""
    members = [*record.fields, *record.attributes, *([record.content] if record.content else [])]
    required = {field.name: _member(field) for field in members if field.required}
    optional = {field.name: _member(field) for field in members if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


def _member(field: Field) -> st.SearchStrategy[Value]:
    one: st.SearchStrategy[Value]
    # An empty structure is sent as an empty element and understood as absent.
    one = scalar(field) if field.record is None else fields(field.record).filter(bool)
    return st.lists(one, min_size=1, max_size=3) if field.many else one
