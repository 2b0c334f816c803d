"""Every fault that the check knows is shown with its code, line and column."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from typing_extensions import override

import adapters.ocpp_soap.config
import gateway.config
from gateway.config.files import Disk, Nowhere
from gateway.config.findings import SiteInvalid
from gateway.config.load import examine, load_site
from tests.gateway.config.samples import ADAPTERS, GOOD, PASSWORD, PROFILES, examined, spoiled, write_site

LONG = "x" * 51


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A site file and the finding that it must give: `code line:column` with the suggestion, if any."""

    text: str
    finding: str
    suggestion: str | None = None
    severity: str = "error"


def at(finding: str, old: str, new: str, suggestion: str | None = None, severity: str = "error") -> Case:
    return Case(text=spoiled(old, new), finding=finding, suggestion=suggestion, severity=severity)


URL = 'url = "wss://csms.example.com/ocpp"'
SECRET = 'password_file = "csms.password"'
PROFILE_0 = GOOD.replace("security_profile = 2", "security_profile = 0")

CASES = [
    at("toml-syntax 2:8", 'name = "Garage"', "name = Garage"),
    at("unknown-key 3:1", "data_dir", "data_dirr = 1\ndata_dir", "data_dir"),
    at("unknown-key 18:1", 'charge_box_identity = "BOX-1"', 'charge_box_identity = "BOX-1"\nadaptr = 1', "adapter"),
    at("unknown-key 20:32", 'type = "sType2", max_current', 'type = "sType2", maxcurrent', "max_current"),
    at("unknown-key 1:2", "[box]", "[boxx]", "box"),
    at("missing-section 1:1", "[box]", "[boxx]"),
    at("missing-key 1:1", 'name = "Garage"\n', ""),
    at("missing-key 20:13", 'type = "sType2", ', ""),
    at("unknown-key 2:1", "[box]", '[web]\nlissten = "127.0.0.1:8443"\n[box]', "listen"),
    at("not-host-port 2:10", "[box]", '[web]\nlisten = "8443"\n[box]'),
    at("listen-twice 2:10", "[box]", '[web]\nlisten = "127.0.0.1:8080"\n[box]'),
    Case(text=GOOD[: GOOD.index("[[station]]")], finding="missing-station 1:1"),
    at("table-not-list 14:1", GOOD[GOOD.index("[[station]]") :], "[station]\n"),
    at("table-not-list 18:1", "[[station.evse]]", "[station.evse]"),
    at("wrong-type 2:8", '"Garage"', "3"),
    at("wrong-type 3:12", '"data"', "3"),
    at("wrong-type 1:7", GOOD[: GOOD.index("[backend]")], "box = 1\n"),
    at("wrong-type 20:46", "max_current = 32", 'max_current = "32"'),
    at("unknown-value 20:22", '"sType2"', '"stype3"', "sType3"),
    at("out-of-range 20:46", "max_current = 32", "max_current = 0"),
    at("out-of-range 20:46", "max_current = 32", "max_current = inf"),
    at("wrong-length 2:8", '"Garage"', '""'),
    at("wrong-length 2:8", '"Garage"', f'"{LONG}"'),
    at("too-few 17:8", GOOD[GOOD.index('charge_box_identity = "BOX-1"') :], 'evse = []\ncharge_box_identity = "B"\n'),
    at("invalid-value 8:8", "security_profile", 'user = "a:b"\nsecurity_profile'),
    at("not-host-port 12:10", '"0.0.0.0:8080"', '"0.0.0.0"'),
    at("not-host-port 12:10", '"0.0.0.0:8080"', '"0.0.0.0:65536"'),
    at("not-url 7:7", URL, 'url = "https://csms.example.com"'),
    at("not-url 7:7", URL, 'url = "wss://"'),
    at("not-url 7:7", URL, 'url = "wss://host:port/"'),
    at("url-credentials 7:7", URL, 'url = "wss://user:pass@host/"'),
    at("url-query 7:7", URL, 'url = "wss://host/?a=1"'),
    at("identity-characters 15:12", '"AT-1"', '"AT:1"'),
    at("unknown-time-zone 4:12", "Europe/Vienna", "Europe/Wien"),
    at("not-network 13:21", '"0.0.0.0:8080"', '"0.0.0.0:8080"\nallowed_networks = ["10.0.0.1/8"]'),
    at("not-path 13:8", '"0.0.0.0:8080"', '"0.0.0.0:8080"\npath = "ocpp"'),
    at("not-file-name 3:12", '"data"', '""'),
    at("file-missing 9:17", "csms.password", "absent.password"),
    at("file-unreadable 9:17", '"csms.password"', '"."'),
    at("unknown-adapter 16:11", '"ocpp_soap"', '"ocpp_sop"', "ocpp_soap"),
    at("unknown-adapter 11:13", "southbound.ocpp_soap", "southbound.ocpp_soup", "ocpp_soap"),
    at("southbound-missing 14:11", '[southbound.ocpp_soap]\nlisten = "0.0.0.0:8080"\n', ""),
    at("identity-twice 23:12", '"AT-2"', '"at-1"'),
    at("value-twice 25:23", '"BOX-2"', '"box-1"'),
    at("evse-twice 31:6", "id = 2", "id = 1"),
    at("evse-gap 31:6", "id = 2", "id = 3"),
    at("station-connector-twice 32:21", "station_connector = 2", "station_connector = 1"),
    at("unknown-value 8:20", "security_profile = 2", "security_profile = 4"),
    at("certificate-missing 6:1", f"security_profile = 2\n{SECRET}", "security_profile = 3"),
    at("certificate-half 10:1", SECRET, SECRET + '\ncertificate_file = "csms.password"'),
    at("backend-needs-wss 7:7", "wss://", "ws://"),
    at("backend-needs-ws 7:7", "security_profile = 2", "security_profile = 1"),
    at("url-with-identity 7:7", "/ocpp", "/ocpp/at-1/", "wss://csms.example.com/ocpp"),
    at("password-missing 6:1", SECRET, ""),
    at("password-twice 10:1", SECRET, SECRET + f'\npassword = "{PASSWORD}"'),
    at("password-empty 9:12", SECRET, 'password = ""'),
    at("password-lines 9:12", SECRET, f'password = "{PASSWORD}\\n"'),
    at("password-length 9:12", SECRET, 'password = "short"', severity="warning"),
    Case(text=PROFILE_0, finding="unused-key 9:1", severity="warning"),
    Case(text=GOOD + '[profiles]\ndisable = ["pricin"]\n', finding="unknown-profile 35:12", suggestion="pricing"),
    Case(text=GOOD + '[profiles]\ndisable = ["core"]\n', finding="profile-indispensable 35:12"),
    at("data-dir-not-folder 3:12", '"data"', '"csms.password/x"'),
]  # fmt: skip


def shown(folder: Path, text: str | bytes) -> dict[str, tuple[str | None, str]]:
    found = examined(folder, text).findings
    return {
        f"{each.code} {each.span.line}:{each.span.column}" if each.span else each.code: (each.suggestion, each.severity)
        for each in found
    }


def test_a_good_file_has_no_finding(tmp_path: Path) -> None:
    outcome = examined(tmp_path, GOOD)
    assert outcome.findings == ()
    assert outcome.site is not None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.finding)
def test_fault(case: Case, tmp_path: Path) -> None:
    found = shown(tmp_path, case.text)
    assert found.get(case.finding) == (case.suggestion, case.severity), found
    assert (examined(tmp_path, case.text).site is None) == any(severity == "error" for _, severity in found.values())


def test_a_file_that_is_not_utf8_shows_the_byte(tmp_path: Path) -> None:
    text = GOOD.replace("Garage", "Mödling").encode("latin-1")
    assert "not-utf8 2:10" in shown(tmp_path, text)
    assert "not-utf8 1:1" in shown(tmp_path, GOOD.encode("utf-16"))


def test_a_byte_order_mark_is_named(tmp_path: Path) -> None:
    assert "byte-order-mark 1:1" in shown(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())


def test_a_file_that_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    assert [each.code for each in examine(tmp_path / "absent.toml", ADAPTERS).findings] == ["site-missing"]
    assert [each.code for each in examine(tmp_path, ADAPTERS).findings] == ["site-unreadable"]


def test_a_password_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    file = write_site(tmp_path)
    (tmp_path / "csms.password").chmod(0o644)
    outcome = examine(file, ADAPTERS, profiles=PROFILES)
    assert [(each.code, each.span and each.span.line, each.severity) for each in outcome.findings] == [
        ("secret-exposed", 9, "warning"),
    ]
    assert outcome.site is not None


def test_a_password_inside_an_open_site_file_is_a_warning(tmp_path: Path) -> None:
    file = write_site(tmp_path, spoiled(SECRET, f'password = "{PASSWORD}"'))
    file.chmod(0o644)
    assert [each.code for each in examine(file, ADAPTERS, profiles=PROFILES).findings] == ["secret-exposed"]


class ClosedDisk(Disk):
    """A disk on which nothing can be written, whoever runs the test."""

    @override
    def folder_problem(self, folder: Path) -> str | None:
        return "data-dir-not-writable"


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (found,) = examine(write_site(tmp_path), ADAPTERS, profiles=PROFILES, files=ClosedDisk()).findings
    assert (found.code, found.span and (found.span.line, found.span.column)) == ("data-dir-not-writable", (3, 12))


def test_a_southbound_section_that_no_station_uses_is_a_warning(tmp_path: Path) -> None:
    adapters = ADAPTERS | {"other": ADAPTERS["ocpp_soap"]}
    text = GOOD + '[southbound.other]\nlisten = "0.0.0.0:8081"\n'
    (found,) = examine(write_site(tmp_path, text), adapters, profiles=PROFILES).findings
    assert (found.code, found.severity, found.span and found.span.line) == ("southbound-unused", "warning", 34)


@pytest.mark.ocpp("A00.FR.427")
def test_certificates_that_do_not_fit_are_found_before_the_box_runs(tmp_path: Path) -> None:
    authority, other = trustme.CA(), trustme.CA()
    certificate, stranger = authority.issue_cert("station"), other.issue_cert("station")
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "station.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "station.key"))
    stranger.private_key_pem.write_to_path(str(tmp_path / "other.key"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    stranger.cert_chain_pems[0].write_to_path(str(tmp_path / "second.pem"))
    stranger.private_key_pem.write_to_path(str(tmp_path / "second.key"))
    for key in ("station.key", "other.key", "second.key"):
        (tmp_path / key).chmod(0o600)
    shared = spoiled(
        f"security_profile = 2\n{SECRET}",
        'security_profile = 3\nca_file = "ca.pem"\ncertificate_file = "station.pem"\nkey_file = "station.key"',
    )
    assert shown(tmp_path, shared) == {"certificate-shared 10:20": (None, "error")}
    good = shared.replace('"AT-2"', '"AT-2"\ncertificate_file = "second.pem"\nkey_file = "second.key"')
    assert shown(tmp_path, good) == {}
    assert set(shown(tmp_path, good.replace("station.key", "other.key"))) == {"certificate-unusable 10:20"}
    assert set(shown(tmp_path, good.replace('"ca.pem"', '"csms.password"'))) == {"ca-file-unusable 9:11"}


def test_a_ca_file_without_tls_is_a_warning(tmp_path: Path) -> None:
    text = (
        GOOD.replace("wss://", "ws://")
        .replace("profile = 2", "profile = 1")
        .replace(SECRET, SECRET + '\nca_file = "csms.password"')
    )
    assert shown(tmp_path, text) == {"unused-key 10:1": (None, "warning"), "backend-open 7:7": (None, "note")}


@pytest.mark.ocpp("A00.FR.004")
def test_without_a_security_profile_nothing_connects(tmp_path: Path) -> None:
    outcome = examined(tmp_path, spoiled("security_profile = 2\n", ""))
    assert [(each.code, each.params.get("key")) for each in outcome.findings] == [("missing-key", "security_profile")]
    assert outcome.site is None


@pytest.mark.ocpp("A00.FR.201", "A00.FR.206")
@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("ws://csms.example.com/ocpp", True),
        ("ws://8.8.8.8:9000/ocpp", True),
        ("ws://192.168.1.4:9000/ocpp", False),
        ("ws://csms.lan/ocpp", False),
        ("ws://csms/ocpp", False),
    ],
)
def test_passwords_in_the_clear_over_a_foreign_network_are_noted(tmp_path: Path, url: str, *, named: bool) -> None:
    text = GOOD.replace("wss://csms.example.com/ocpp", url).replace("profile = 2", "profile = 1")
    assert ("backend-open 7:7" in shown(tmp_path, text)) is named


@pytest.mark.parametrize(
    ("listen", "noted"), [("0.0.0.0:8443", True), ("127.0.0.1:8443", False), ("[::1]:8443", False)]
)
def test_key_codes_in_the_clear_are_noted(tmp_path: Path, listen: str, *, noted: bool) -> None:
    found = shown(tmp_path, spoiled("[box]", f'[web]\nlisten = "{listen}"\nkeypad = true\n[box]'))
    assert found == ({"keypad-open 3:10": (None, "note")} if noted else {})


def test_a_chain_of_roots_begins_somewhere(tmp_path: Path) -> None:
    assert shown(tmp_path, spoiled(SECRET, SECRET + "\nroot_check = true")) == {
        "root-check-alone 10:1": (None, "error")
    }


def test_a_machine_without_time_zones_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> set[str]:
        return set()

    monkeypatch.setattr("gateway.config.fields.available_timezones", none)
    assert "no-time-zones 4:12" in shown(tmp_path, spoiled("Europe/Vienna", "Europe/Wien"))


def test_without_files_nothing_is_looked_for(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(GOOD)
    assert examine(file, ADAPTERS, profiles=PROFILES, files=Nowhere()).findings == ()


def test_load_site_raises_with_all_findings(tmp_path: Path) -> None:
    text = spoiled('"Garage"', "3").replace("id = 2", "id = 7")
    with pytest.raises(SiteInvalid) as caught:
        load_site(write_site(tmp_path, text), ADAPTERS, profiles=PROFILES)
    assert [each.code for each in caught.value.findings] == ["wrong-type", "evse-gap"]
    assert caught.value.params["errors"] == 2


def test_a_section_of_a_later_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.config.draft.LATER_SECTIONS", ("load",))
    outcome = examine(write_site(tmp_path, "[load]\n" + GOOD), ADAPTERS, profiles=PROFILES)
    assert [each.code for each in outcome.findings] == ["section-later"]


def test_every_code_of_the_check_is_shown_here() -> None:
    """A new rule needs a case here: the codes are read from the source."""
    folders = [Path(str(gateway.config.__file__)).parent, Path(str(adapters.ocpp_soap.config.__file__))]
    files = [file for each in folders for file in ([each] if each.is_file() else each.glob("*.py"))]
    codes = {code for file in files for code in codes_in(ast.parse(file.read_text()))}
    here = Path(__file__).read_text()
    # Codes of sites with family stations, of sensors, inspections and bundles, are shown there.
    folder = Path(__file__).parent
    here += "".join(
        each.read_text()
        for each in (folder / "test_family_sites.py", folder / "test_wording.py", *folder.glob("test_*_findings.py"))
    )
    assert {code for code in codes if f"{code} " not in here and f'"{code}"' not in here} == set()
    assert len(codes) > 40


def codes_in(tree: ast.AST) -> set[str]:
    """First texts of PydanticCustomError(...), fault.problem(...), _invalid(file, ...) and Problem(code=...)."""
    found: set[str] = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in {"PydanticCustomError", "problem"}:
            found |= texts(call.args[:1])
        elif name == "_invalid":
            found |= texts(call.args[1:2])
        elif name == "Problem":
            found |= texts([keyword.value for keyword in call.keywords if keyword.arg == "code"])
    return found


def texts(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
