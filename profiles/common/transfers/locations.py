"""Where a file is to be fetched from or brought to."""

from __future__ import annotations

from yarl import URL

PROTOCOLS = ("FTP", "FTPS", "HTTP", "HTTPS", "SFTP")
"""What the box itself can do, of FileTransferProtocols (OCPPCommCtrlr)."""

ENCRYPTED = frozenset({"ftps", "https", "sftp"})


def address(location: str) -> URL | None:
    """The URL in a text; None where it is none."""
    try:
        url = URL(location)
    except ValueError:
        return None
    return url if url.host and url.explicit_port != 0 else None
