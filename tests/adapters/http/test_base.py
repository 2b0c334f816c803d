"""The site's URL and the family's base together."""

from __future__ import annotations

import pytest

from adapters.http.base import base_url
from gateway.family.link import HttpLink


@pytest.mark.parametrize(
    ("base", "given", "expected"),
    [
        ("http://{host}", "http://192.168.1.50", "http://192.168.1.50/"),
        ("http://{host}/api", "http://192.168.1.50:81/", "http://192.168.1.50:81/api"),
        ("http://{host}:8080/rest/box", "http://box.local", "http://box.local:8080/rest/box"),
        ("http://{host}:8080/rest", "http://box.local:81/proxy/7/", "http://box.local:81/proxy/7/rest"),
        ("http://{host}/{connector}", "https://[fe80::1]", "https://[fe80::1]/2"),
    ],
)
def test_scheme_host_and_port_are_the_sites(base: str, given: str, expected: str) -> None:
    assert str(base_url(HttpLink.model_validate({"base": base}), given, 2)) == expected


def test_connectors_may_be_at_ports_of_their_own() -> None:
    link = HttpLink.model_validate({"base": "http://{host}:8000", "instances": {"port": "connector - 1"}})
    assert [str(base_url(link, "http://a", number)) for number in (1, 2)] == ["http://a:8000/", "http://a:8001/"]
