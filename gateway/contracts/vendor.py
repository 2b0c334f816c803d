"""Extensions: what a box can do that OCPP has no message for, by DataTransfer (OCPP 2.0.1 Part 2, P)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from gateway.contracts.northbound import Northbound
    from gateway.contracts.ports import Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorAnswer:
    """The answer to a vendor's message: what ``accepted`` and ``data`` (any JSON; None: none) mean is the vendor's affair."""

    accepted: bool
    data: Any = None


class Extension(ABC):
    """Answers the backend's messages of one vendor, for every station of the box.

    Found by the entry points ``stationlift.vendors``. Only for what OCPP itself has no message for (P01.FR.01).

    Attributes:
        vendor: The vendorId: a reversed DNS name of the vendor's.
        messages: The messageIds that it knows; empty: it does not tell messages apart.
    """

    vendor: ClassVar[str]
    messages: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        """Take the ports; nothing runs yet. ``backend.ask`` is the way to send a DataTransfer of its own."""

    @abstractmethod
    async def answer(self, station: str, message: str | None, data: Any) -> VendorAnswer:  # noqa: ANN401 any JSON
        """Answer a message; ``message`` is one of ``messages``, where there are any.

        Raises:
            GatewayError: it cannot be answered now; the backend is told Rejected.
        """
