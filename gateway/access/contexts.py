"""TLS settings, each made once: one costs up to 0.8 MB, and most stations of a site have the same."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.link.target import tls_context
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

KEPT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorities:
    """Who is trusted: see ``tls_context``."""

    ca_file: Path | None = None
    roots: str = ""
    alone: bool = False
    wildcards: bool = False


class Contexts:
    """TLS settings by what they are made of, files by their content."""

    def __init__(self) -> None:
        self._made: dict[bytes, ssl.SSLContext] = {}
        self._turn = threading.Lock()

    def get(self, authorities: Authorities, client: tuple[Path, Path | None] | None) -> ssl.SSLContext:
        """As ``tls_context``; blocks.

        Raises:
            GatewayError: ``ca-file-unusable`` or ``certificate-unusable``.
        """
        with self._turn:
            key = _key(authorities, client)
            context = self._made.pop(key, None)
            if context is None:
                context = tls_context(
                    authorities.ca_file,
                    roots=authorities.roots,
                    alone=authorities.alone,
                    wildcards=authorities.wildcards,
                    client=client,
                )
            self._made[key] = context  # the last one used is the last one dropped
            while len(self._made) > KEPT:
                del self._made[next(iter(self._made))]
            return context


def _key(authorities: Authorities, client: tuple[Path, Path | None] | None) -> bytes:
    digest = sha256(bytes((authorities.alone, authorities.wildcards)))
    files = (None if authorities.alone else authorities.ca_file, *(client or ()))
    for part in (authorities.roots.encode(), *map(_content, files)):
        digest.update(sha256(part).digest())
    return digest.digest()


def _content(file: Path | None) -> bytes:
    if file is None:
        return b""
    try:
        return file.read_bytes()
    except OSError as error:
        raise GatewayError("certificate-unusable", path=str(file), reason=type(error).__name__) from error
