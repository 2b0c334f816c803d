"""What the backend has said of the price of one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.model.tokens import PersonalMessage

if TYPE_CHECKING:
    from gateway.contracts import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Tariff and costs of a transaction; no trace of who charges.

    Attributes:
        evse: Where it is; 0: not known.
        tariff: The driver's own.
        cost: The running cost; amounts are in TariffCostCtrlr.Currency.
        total: The final cost, as far as it was told.
        ended_at: When it ended; None while it runs.
        offline: The backend was away then.
        settled: The backend has answered to its end.
        left: The vehicle had left its parking bay by then, and its driver with it.
    """

    evse: int = 0
    tariff: PersonalMessage | None = None
    cost: float | None = None
    total: float | None = None
    ended_at: datetime | None = None
    offline: bool = False
    settled: bool = False
    left: bool = False

    @property
    def says_something(self) -> bool:
        """True where there is something in it to keep."""
        return self.tariff is not None or self.cost is not None or self.total is not None

    def to_json(self) -> Json:
        """The account as a document."""
        document: Json = {"evse": self.evse, "offline": self.offline, "settled": self.settled}
        document |= {"left": True} if self.left else {}
        if self.tariff is not None:
            document["tariff"] = {"text": self.tariff.text, "language": self.tariff.language}
        document |= {name: value for name, value in (("cost", self.cost), ("total", self.total)) if value is not None}
        return document if self.ended_at is None else {**document, "endedAt": self.ended_at.isoformat()}

    @classmethod
    def from_json(cls, document: Json) -> Account:
        """The account that ``to_json`` made a document of."""
        tariff, ended = document.get("tariff"), document.get("endedAt")
        return cls(
            evse=document["evse"],
            tariff=PersonalMessage(**tariff) if tariff else None,
            cost=document.get("cost"),
            total=document.get("total"),
            ended_at=datetime.fromisoformat(ended) if ended else None,
            offline=document["offline"],
            settled=document["settled"],
            left=document.get("left", False),
        )
