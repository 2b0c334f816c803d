"""Addresses and versions by themselves."""

from __future__ import annotations

import pytest

from adapters.ocpp1x.networks import Networks, plain_address
from adapters.ocpp_soap.callback import station_url
from adapters.ocpp_soap.versions import version_of
from gateway.model.errors import GatewayError

PRIVATE = Networks(["10.0.0.0/8", "192.168.0.0/16", "127.0.0.0/8", "fe80::/10"])


@pytest.mark.parametrize(
    ("claims", "address", "port", "expected"),
    [
        (["http://127.0.0.1:8080/"], "10.0.0.5", None, "http://10.0.0.5:8080/"),
        (["http://10.0.0.9:81/"], "10.0.0.5", None, "http://10.0.0.9:81/"),
        (["http://169.254.169.254/latest"], "10.0.0.5", None, "http://10.0.0.5/latest"),
        (["http://10.0.0.9@8.8.8.8:81/"], "10.0.0.5", None, "http://10.0.0.5:81/"),
        (["https://10.0.0.9/cp"], "10.0.0.5", None, "https://10.0.0.9/cp"),
        (["http://[::1]:81/"], "fe80::5", None, "http://[fe80::5]:81/"),
        (["ftp://10.0.0.9/", "none"], "10.0.0.5", None, ""),
        (["http://[10.0.0.9/"], "10.0.0.5", 82, "http://10.0.0.5:82/"),
        (["/cp"], "10.0.0.5", None, ""),
        (["http://10.0.0.9:81/\r\nX: y"], "10.0.0.5", None, ""),
        (["http://10.0.0.9:81/"], "", None, ""),
    ],
)
def test_nobody_makes_the_box_call_elsewhere(claims: list[str], address: str, port: int | None, expected: str) -> None:
    assert station_url(claims, address, port, PRIVATE, by_address=False) == expected


def test_an_address_is_the_same_over_both_kinds_of_socket() -> None:
    assert plain_address("::ffff:10.0.0.5") == "10.0.0.5"
    assert plain_address("fe80::1%eth0") == "fe80::1%eth0"
    assert plain_address("") == ""
    assert PRIVATE.contain("fe80::1%eth0")


def test_a_version_that_is_not_there() -> None:
    with pytest.raises(GatewayError, match="version-unknown"):
        version_of("3.0")
