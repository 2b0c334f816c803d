"""What box and CSMS show each other: passwords and certificates."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from pathlib import Path

    import trustme

    from tests.profiles.security.pki import Authority

PASSWORD = "correct-horse-battery-staple"


class Passwords(dict[str, str]):
    """The CSMS's passwords; counts how often one was asked for."""

    def __init__(self, **passwords: str) -> None:
        super().__init__(passwords)
        self.asked = 0
        self.news = asyncio.Event()

    @override
    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # dict's is overloaded
        self.asked += 1
        self.news.set()
        return super().get(key) or default

    async def asked_again(self, times: int) -> None:
        """Wait until one was asked for so often from now on."""
        wanted = self.asked + times
        async with asyncio.timeout(15):
            while self.asked < wanted:
                self.news.clear()
                await self.news.wait()


def secret(folder: Path, text: str) -> str:
    """The line of the site file with the password in a file of its own."""
    path = folder / "csms.password"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return f'password_file = "{path}"'


def server(authority: trustme.CA, host: str = "127.0.0.1", *, clients: Authority | None = None) -> ssl.SSLContext:
    """The TLS of a CSMS; ``clients``: who has to have signed the certificates of stations."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    return context
