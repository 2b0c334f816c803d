"""Looking at the files that a site file names."""

from __future__ import annotations

import os
import ssl
import stat
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Files(Protocol):
    """What the checks ask of the file system; each answer is a code of what is wrong, or None."""

    def problem(self, file: Path) -> str | None:
        """`file-missing` or `file-unreadable`."""

    def folder_problem(self, folder: Path) -> str | None:
        """`data-dir-not-folder` or `data-dir-not-writable`, for a folder that may still have to be made."""

    def exposed(self, file: Path) -> bool:
        """Whether every user of the machine can read the file."""

    def text(self, file: Path) -> str | None:
        """Content of a text file; None if it cannot be read."""

    def authority_problem(self, file: Path) -> str | None:
        """Why a PEM file holds no certificate authority, in the words of the TLS library."""

    def certificate_problem(self, certificate: Path, key: Path) -> str | None:
        """Why a certificate and a private key are not usable together, likewise."""


class Disk:
    """The files of this machine."""

    def problem(self, file: Path) -> str | None:
        """See Files."""
        if not file.exists():
            return "file-missing"
        return None if file.is_file() and os.access(file, os.R_OK) else "file-unreadable"

    def folder_problem(self, folder: Path) -> str | None:
        """See Files."""
        there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        if not there.is_dir():
            return "data-dir-not-folder"
        return None if os.access(there, os.W_OK | os.X_OK) else "data-dir-not-writable"

    def exposed(self, file: Path) -> bool:
        """See Files."""
        try:
            return bool(file.stat().st_mode & stat.S_IROTH)
        except OSError:
            return False

    def text(self, file: Path) -> str | None:
        """See Files."""
        try:
            return file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def authority_problem(self, file: Path) -> str | None:
        """See Files."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except OSError as error:  # an SSLError is one
            return str(error)
        return None

    def certificate_problem(self, certificate: Path, key: Path) -> str | None:
        """See Files."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password=lambda: b"")
        except OSError as error:
            return str(error)
        return None


class Nowhere:
    """No file is looked at: the site file is checked on another machine than its box."""

    def problem(self, file: Path) -> str | None:
        """See Files."""
        del file
        return None

    def folder_problem(self, folder: Path) -> str | None:
        """See Files."""
        del folder
        return None

    def exposed(self, file: Path) -> bool:
        """See Files."""
        del file
        return False

    def text(self, file: Path) -> str | None:
        """See Files."""
        del file
        return None

    def authority_problem(self, file: Path) -> str | None:
        """See Files."""
        del file
        return None

    def certificate_problem(self, certificate: Path, key: Path) -> str | None:
        """See Files."""
        del certificate, key
        return None
