"""What must not leave the box in a log."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.station import RemoteStart, StationState
from gateway.model.tokens import Token, TokenType
from gateway.status import mask as status_mask
from profiles.diagnostics.files import diagnostics, name_of, security_log
from profiles.diagnostics.journal import Entry
from profiles.diagnostics.scrub import mask, scrubber
from tests.fakes.clock import START

WORDS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to wss://CP-1:p@ss@csms.example/ocpp/CP-1", "to wss://***@csms.example/ocpp/CP-1"),
        ("at http://10.0.0.1:8080/rpc?key=1&b=2 now", "at http://10.0.0.1:8080/rpc?*** now"),
        ("Authorization: Basic Zm9vOmJhcg==", "Authorization: Basic ***"),
        ("password='x y'", "password='*** y'"),
        ('{"idTag": "ABC"}', '{"idTag": "***"}'),
        ("BasicAuthPassword=hunter2, next", "BasicAuthPassword=***, next"),
        ("token 04a1b2c3d4 refused", "token 04***d4 refused"),
        ("no 04A1B2C3D4E5 of ours", "no 04A1B2C3D4E5 of ours"),
        ("meter at 10.0.0.9: 230 V", "meter at 10.0.0.9: 230 V"),
    ],
)
def test_secrets_go_and_the_rest_stays(text: str, left: str) -> None:
    assert scrubber([Token(value="04A1B2C3D4")])(text) == left


@given(WORDS, WORDS, WORDS)
def test_a_password_of_a_url_never_stays(user: str, password: str, host: str) -> None:
    assert scrubber()(f"x ftp://{user}:{password}@{host}/logs y") == f"x ftp://***@{host}/logs y"


@given(WORDS)
def test_a_token_cannot_be_told_from_its_mask(token: str) -> None:
    assert token not in mask(Token(value=token)) or len(token) <= 3


@pytest.mark.ocpp("C04.FR.04")
@pytest.mark.parametrize("type_", TokenType)
def test_of_a_key_code_nothing_is_shown(type_: TokenType) -> None:
    code = Token(value="1234567890", type=type_)
    start = RemoteStart(id=1, evse=1, token=code, expires_at=START)
    content = diagnostics(
        StationState(id="CP", remote_starts=(start,)), [Entry(START, "INFO", "x", "by 1234567890")], START, "1"
    ).decode()
    assert ("12***90" in content) is (type_ is not TokenType.KEY_CODE)
    assert status_mask(code) == ("…" if type_ is TokenType.KEY_CODE else "…890")


@given(st.text(string.hexdigits, min_size=8, max_size=20))
def test_a_token_that_the_box_knows_is_nowhere_in_the_report(token: str) -> None:
    start = RemoteStart(id=1, evse=1, token=Token(value=token), expires_at=START)
    entry = Entry(START, "INFO", "x", f"({token.upper()}) and {token.lower()}, at {token}")
    content = diagnostics(StationState(id="CP", remote_starts=(start,)), [entry], START, "1").decode()
    assert token.casefold() not in content.casefold()
    assert json.loads(content)["station"]["remote_starts"][0]["id"] == 1


def test_half_a_line_of_the_security_log_is_left_out() -> None:
    line = '{"timestamp": "2024-05-01T12:00:00+00:00", "type": "X", "techInfo": "http://a:b@c/"}\n'
    kept = security_log((line + line[:30]).encode(), None, None)
    assert [json.loads(text)["techInfo"] for text in kept.splitlines()] == ["http://***@c/"]


def test_a_file_name_is_good_whatever_the_station_is_called() -> None:
    assert name_of("../CP 1/ü", "security", START, "jsonl") == "___CP_1__-security-20240501T120000Z.jsonl"
