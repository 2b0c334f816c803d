"""Decisions on certificates, on facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.security.facts import (
    Certificate,
    chain_problem,
    is_address,
    own_problem,
    root_problem,
    successor_problem,
    wait_before_resend,
)
from profiles.security.network_rules import DOWNGRADE, profile_refusal
from tests.fakes.clock import START

DAY = timedelta(days=1)


def certificate(
    subject: str, issuer: str, *, authority: bool = True, strong: bool = True, days: int = 10
) -> Certificate:
    """Facts; the "signature" of a certificate is the key of its issuer's name."""
    return Certificate(
        common_name=subject, organization="Operator", subject=subject, issuer=issuer, issuer_der=issuer.encode(),
        key_der=subject.encode(), spki=subject.encode(), serial="1", not_before=START - DAY,
        not_after=START + days * DAY, authority=authority, strong=strong, pem="", handle=issuer,
    )  # fmt: skip


def signed_by(child: Certificate, issuer: Certificate) -> bool:
    return bool(child.handle == issuer.spki.decode())


LEAF, SUB, ROOT = certificate("leaf", "sub", authority=False), certificate("sub", "root"), certificate("root", "root")


def problem(leaf: Certificate = LEAF, sub: Certificate = SUB, root: Certificate = ROOT) -> str:
    return chain_problem(leaf, [sub], [root], START, signed_by)


def test_a_chain_in_any_order_leads_to_a_root() -> None:
    other = certificate("other", "root")
    assert problem() == ""
    assert chain_problem(LEAF, [other, SUB, ROOT], [ROOT], START, signed_by) == ""
    assert chain_problem(LEAF, [], [SUB], START, signed_by) == ""


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (problem(leaf=replace(LEAF, not_after=START - DAY)), "leaf is not valid now"),
        (problem(leaf=replace(LEAF, strong=False)), "leaf has a weak key or signature"),
        (problem(sub=replace(SUB, not_after=START - DAY)), "sub is not valid now"),
        (problem(sub=replace(SUB, authority=False)), "sub is no authority"),
        (problem(sub=replace(SUB, spki=b"another")), "sub is not known"),
        (problem(root=replace(ROOT, not_before=START + DAY)), "root is not valid now"),
        (problem(root=replace(ROOT, spki=b"another")), "root is not known"),
        (chain_problem(LEAF, [SUB], [], START, signed_by), "no CSMSRootCertificate is installed"),
    ],
)
def test_what_is_wrong_with_a_chain_is_said(found: str, says: str) -> None:
    assert found == says


def test_a_chain_in_a_circle_ends() -> None:
    one, two = certificate("one", "two"), certificate("two", "one")
    assert chain_problem(one, [one, two], [ROOT], START, signed_by) == "the chain is too long"


def test_the_certificate_of_another_station_is_not_ones_own() -> None:
    def own(**expected: str) -> str:
        wanted = {"common_name": "leaf", "organization": "Operator"} | expected
        return own_problem(LEAF, spki=b"leaf", **wanted)

    assert own() == ""
    assert "common name" in own(common_name="CP-2")
    assert "organization" in own(organization="Somebody")
    assert "key" in own_problem(LEAF, spki=b"x", common_name="leaf", organization="Operator")


def test_a_root_signs_itself() -> None:
    assert root_problem([ROOT], START, signed_by) == ""
    assert root_problem([SUB], START, signed_by) == "it is not signed by itself"
    assert root_problem([replace(ROOT, spki=b"forged")], START, signed_by) == "it is not signed by itself"
    assert root_problem([], START, signed_by) == "one certificate is expected"


def test_a_successor_is_signed_by_the_root_that_it_replaces() -> None:
    """M05.FR.10; the very first one only has to be a root."""
    new = certificate("new", "root")
    assert successor_problem([new], [ROOT], START, signed_by) == ""
    assert successor_problem([ROOT], [], START, signed_by) == ""
    assert successor_problem([new], [], START, signed_by) == "it is not signed by itself"
    assert "has not signed it" in successor_problem([certificate("other", "other")], [ROOT], START, signed_by)
    assert "has not signed it" in successor_problem([new], [replace(ROOT, spki=b"forged")], START, signed_by)
    assert successor_problem([replace(new, authority=False)], [ROOT], START, signed_by) == "it is no authority"
    assert successor_problem([replace(new, not_after=START - DAY)], [ROOT], START, signed_by) == "it is not valid now"
    assert "weak" in successor_problem([replace(new, strong=False)], [ROOT], START, signed_by)


@pytest.mark.parametrize(
    ("name", "so"),
    [
        ("10.0.0.5", True),
        ("2001:db8::1", True),
        ("[::1]", True),
        ("https://x", True),
        ("SN-10.0.0", False),
        ("7", False),
    ],
)
def test_a_serial_number_is_no_address(name: str, *, so: bool) -> None:
    assert is_address(name) is so


@pytest.mark.ocpp("A03.FR.02")
@given(st.integers(1, 400))
def test_a_month_before_the_end_is_the_time_to_renew(days: int) -> None:
    assert replace(LEAF, not_after=START + days * DAY).expires_soon(START) is (days <= 30)


@pytest.mark.ocpp("A02.FR.18", "A02.FR.19")
@given(st.integers(1, 86_400), st.integers(0, 20))
def test_each_wait_is_twice_the_one_before_and_it_is_doubled_so_often(minimum: int, repeat_times: int) -> None:
    waits = [wait_before_resend(minimum, sent, repeat_times) for sent in range(repeat_times + 3)]
    assert waits == [*(minimum * 2**n for n in range(repeat_times + 1)), None, None]


@pytest.mark.ocpp("B09.FR.04")
@given(st.integers(-5, 9), st.integers(0, 3), st.sampled_from(["ws://x/ocpp", "wss://x/ocpp"]))
def test_no_profile_below_the_present_one_is_ever_taken(profile: int, level: int, url: str) -> None:
    wire = {
        "ocppVersion": "OCPP20", "ocppTransport": "JSON", "ocppCsmsUrl": url, "messageTimeout": 30,
        "securityProfile": profile, "ocppInterface": "Wired0",
    }  # fmt: skip
    refusal = profile_refusal(2, wire, level)
    if profile < level:
        assert refusal == (DOWNGRADE, "")
    elif refusal is None:
        assert (url.startswith("wss:")) is (profile >= 2) or profile == 0
