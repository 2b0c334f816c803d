"""Seeing each SOAP message of the simulated station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.bench.lines import Say


class Tracer(Protocol):
    """Is shown every envelope, in the order in which it passes."""

    def __call__(self, direction: str, operation: str, xml: bytes, /) -> None:
        """See an envelope.

        Args:
            direction: ``out`` or ``in``, as the station sees it.
            operation: local name of the body's element, for example ``bootNotificationRequest``.
            xml: the envelope as it is on the wire.
        """


def ignore(_direction: str, _operation: str, _xml: bytes, /) -> None:
    """Trace nothing."""


def as_lines(say: Say) -> Tracer:
    """Give a tracer that prints each envelope as one line of JSON."""

    def trace(direction: str, operation: str, xml: bytes, /) -> None:
        say({"dir": direction, "operation": operation, "xml": xml.decode("utf-8", errors="replace")})

    return trace
