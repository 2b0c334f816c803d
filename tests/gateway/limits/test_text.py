"""What people read of a limit."""

from __future__ import annotations

import pytest

from gateway.limits import LimitName, LimitReason
from gateway.locale import Catalogue
from gateway.locale.limits import limit_text


@pytest.mark.parametrize(
    ("reason", "english", "german"),
    [
        (LimitReason.of(LimitName.CIRCUIT, node="garage", phase="L2"), "circuit garage, L2", "Stromkreis garage, L2"),
        (LimitReason.of(LimitName.FAILSAFE), "fail-safe", "Rückfall"),
        (LimitReason.of(LimitName.FAILSAFE, node="g"), "fail-safe, circuit g", "Rückfall, Stromkreis g"),
        (
            LimitReason.of(LimitName.GRID, node="g", name="14a"),
            "grid operator, 14a, circuit g",
            "Netzbetreiber, 14a, Stromkreis g",
        ),
        (LimitReason.of(LimitName.OTHER, node="g", name="plan"), "plan, circuit g", "plan, Stromkreis g"),
        (LimitReason.of(LimitName.OTHER, holder="me"), "me", "me"),
        (
            LimitReason.of(LimitName.TX, profile=17, level=3),
            "backend, for this session, TxProfile 17, level 3",
            "Backend, für diesen Ladevorgang, TxProfile 17, Stufe 3",
        ),
        (LimitReason.of("moon", phase="full"), "moon (phase full)", "moon (phase full)"),
    ],
)
def test_a_limit_is_called_by_name_place_and_phase(reason: LimitReason, english: str, german: str) -> None:
    assert limit_text(reason, Catalogue.load("en")) == english
    assert limit_text(reason, Catalogue.load("de")) == german


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_name_has_a_text(language: str) -> None:
    for name in LimitName:
        assert not limit_text(LimitReason(code=name), Catalogue.load(language)).startswith("limit-by")
