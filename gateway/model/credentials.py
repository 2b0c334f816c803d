"""The secrets and certificates of a station: under which names they are kept, and in which form.

Both sides of the box know them: what opens the connection, and the profile that the CSMS changes them by.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

PASSWORD = "password.json"  # noqa: S105 - the name of a file
"""The password that the CSMS has set: see ``KeptPassword``."""
CLIENT = "client.pem"
"""The charging station certificate that the CSMS has had signed: private key, certificate, its sub-CAs; all PEM."""
CLIENT_BEFORE = "client-before.pem"
"""The one before, until the new one has worked."""
NEXT_KEY = "next-key.pem"
"""The private key of a certificate signing request that is on its way."""
CSMS_ROOT, MANUFACTURER_ROOT = "csms-root-", "manufacturer-root-"
"""How the names of root certificates begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPassword:
    """A password that the CSMS has set (A01).

    ``before`` is the one that it replaces, until it has worked: "" once it has. ``site`` is the site file's at that
    time: when the technician gives another one, that counts.
    """

    password: str = field(repr=False)
    before: str = field(default="", repr=False)
    site: str = field(default="", repr=False)

    def text(self) -> str:
        """The form that is kept."""
        return json.dumps({"password": self.password, "before": self.before, "site": self.site})


def kept_password(text: str | None, site: str) -> KeptPassword | None:
    """The password that the CSMS has set; None where there is none, or where the site's own has changed since.

    Args:
        text: As it is kept.
        site: The site file's password now.
    """
    if text is None:
        return None
    try:
        fields = json.loads(text)
        kept = KeptPassword(password=fields["password"], before=fields["before"], site=fields["site"])
    except (ValueError, TypeError, KeyError):  # a file that somebody has edited; the site's own password remains
        return None
    return kept if kept.site == site else None
