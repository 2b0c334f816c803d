"""What a driver does and sees, and what the CSMS says to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.model.ids import Place
from profiles.tariff_cost.profile import CONTROLLER
from tests.fakes.box import ID, RFID, Box

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.model.notices import NoticeKind

TARIFF = {"format": "UTF8", "language": "de", "content": "45 Cent/kWh"}
FALLBACK = "Preise: siehe Aushang"
NO_TOTAL = "Die Rechnung folgt"


async def configure(box: Box, **values: str) -> None:
    """The CSMS sets variables; ``Enabled_Cost`` is that of the instance."""
    wanted = {"Currency": "EUR", "TariffFallbackMessage": FALLBACK, "TotalCostFallbackMessage": NO_TOTAL, **values}
    data = []
    for name, value in wanted.items():
        variable, _, instance = name.partition("_")
        named = {"name": variable, "instance": instance} if instance else {"name": variable}
        data.append({"component": {"name": CONTROLLER}, "variable": named, "attributeValue": value})
    results = (await box.call("SetVariables", {"setVariableData": data}))["setVariableResult"]
    assert {each["attributeStatus"] for each in results} == {"Accepted"}


def shown(box: Box, kind: NoticeKind) -> list[tuple[int, str | float]]:
    """(EVSE, text or amount) of the notices of a kind."""
    notices = [notice for notice in box.hub.notices(ID) if notice.kind is kind]
    return [(notice.evse, notice.text if notice.amount is None else notice.amount) for notice in notices]


async def present(box: Box, message: Json | None = TARIFF, *, evse: int = 1, status: str = "Accepted") -> None:
    """A driver presents a card, and the CSMS says what it thinks of it."""
    info = {"status": status} if message is None else {"status": status, "personalMessage": message}
    box.backend.answers["Authorize"] = {"idTokenInfo": info}
    await box.hub.authorize(Place(station=ID, evse=evse, connector=1), RFID, patience=1)


async def answer(box: Box, **response: Any) -> None:
    """The CSMS answers all that waits; its last answer to a TransactionEvent says this, the others nothing."""
    messages = [message for message in await box.sent() if message.action == "TransactionEvent"]
    for number, message in enumerate(messages, 1):
        await box.hub.responded(ID, message, response if number == len(messages) else {})
    await box.settled()


async def charge(box: Box, *, evse: int = 1, **response: Any) -> int:
    """A transaction starts, and the CSMS answers to it; the number of the transaction."""
    admission = await box.begin(f"start {evse} {box.clock.now()}", evse=evse)
    await answer(box, **response)
    return admission.number
