"""The text of a new site file."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAnswers:
    """What a new site file needs to know."""

    name: str
    identity: str
    charge_box_identity: str
    backend_url: str
    data_dir: str
    language: str = "en"

    @property
    def password_file(self) -> str:
        """Where the station's password lies, beside the site file."""
        return f"secrets/{quote(self.identity, safe='@+=')}.password"


_TEMPLATE = """\
#:schema site.schema.json
# Site file of a Stationlift box. After each change:  stationlift check FILE
# The schema line serves the editor:                  stationlift schema > site.schema.json

[box]
name = {name}
data_dir = {data_dir}
timezone = "UTC"                # such as "Europe/Vienna"
language = {language}

[backend]
# Address without the station's identity: the box adds "/" and the identity.
url = {backend_url}
# 1: password without TLS, for closed networks (ws://). 2: password over TLS (wss://).
security_profile = {security_profile}
{ca_file}
[southbound.ocpp_soap]
# The box listens here. In the old station's menu enter as the URL of the central system:
#     http://ADDRESS-OF-THIS-BOX:8080/ocpp
listen = "0.0.0.0:8080"
path = "/ocpp"

[[station]]
identity = {identity}
password_file = {password_file}
adapter = "ocpp_soap"
version = "1.5"
charge_box_identity = {charge_box_identity}
# callback_url = "http://192.168.1.20:8081/"    # only if the station's own address is wrong

# One table for each charging place; station_connector is the number that the old station uses.
[[station.evse]]
id = 1
station_connector = 1
connector = {{ type = "sType2", max_current = 32, phases = 3 }}     # check against the rating plate and the fuse
"""

_CA_FILE = """\
# Only if the backend's certificate is not signed by a public authority:
# ca_file = "secrets/csms-ca.pem"
"""


def site_text(answers: SiteAnswers) -> str:
    """A commented site file with one station."""
    secure = not answers.backend_url.startswith("ws://")
    return _TEMPLATE.format(
        name=_quoted(answers.name),
        data_dir=_quoted(answers.data_dir),
        language=_quoted(answers.language),
        backend_url=_quoted(answers.backend_url),
        security_profile=2 if secure else 1,
        ca_file=_CA_FILE if secure else "",
        identity=_quoted(answers.identity),
        password_file=_quoted(answers.password_file),
        charge_box_identity=_quoted(answers.charge_box_identity),
    )


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are a part of TOML's, apart from DEL, which only TOML escapes."""
    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")
