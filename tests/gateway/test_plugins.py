"""Finding adapters and profiles."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from gateway.contracts import Adapter
from gateway.model.errors import GatewayError
from gateway.plugins import load_adapters, load_extensions, profile_names


def points(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    """Let these be the installed entry points: (name, value)."""

    def entry_points(group: str) -> EntryPoints:
        return EntryPoints(EntryPoint(name=name, value=value, group=group) for name, value in found)

    monkeypatch.setattr("gateway.plugins.entry_points", entry_points)


def test_an_adapter_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    points(monkeypatch, ("any", "gateway.contracts:Adapter"))
    assert load_adapters() == {"any": Adapter}
    assert profile_names() == {"any"}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "plugins-missing"),
        ([("a", "no.such.module:X")], "plugin-broken"),
        ([("a", "gateway.contracts:NoSuchName")], "plugin-broken"),
        ([("a", "gateway.contracts:Message")], "plugin-broken"),
        ([("a", "gateway.contracts:Adapter"), ("a", "gateway.contracts:Adapter")], "plugin-twice"),
    ],
)
def test_a_missing_or_broken_plugin_is_an_expected_failure(
    found: list[tuple[str, str]], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points(monkeypatch, *found)
    with pytest.raises(GatewayError) as caught:
        load_adapters()
    assert caught.value.code == code


def test_there_need_be_no_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    points(monkeypatch)
    assert load_extensions() == ()


def test_a_vendor_has_one_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    lamps = "tests.profiles.core.test_vendor_messages:Lamps"
    points(monkeypatch, ("lamps", lamps))
    (found,) = load_extensions()
    assert found.vendor == "com.example.lamps"
    points(monkeypatch, ("lamps", lamps), ("others", lamps))
    with pytest.raises(GatewayError) as caught:
        load_extensions()
    assert caught.value.code == "plugin-twice"
