"""What a station is asked to tell again (OCPP 1.6, 5.17; security extension, 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.commands import ACCEPTED, Outcome, Report, TriggerReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.target import Target

_MESSAGES = {
    Report.BOOT: "BootNotification",
    Report.STATUS: "StatusNotification",
    Report.METER_VALUES: "MeterValues",
    Report.FIRMWARE: "FirmwareStatusNotification",
    Report.LOG: "DiagnosticsStatusNotification",
}
_OF_CONNECTOR = {Report.STATUS, Report.METER_VALUES}


async def trigger_report(command: TriggerReport, target: Target) -> Outcome:
    """TriggerMessage, for each connector of the place where the report is of one; the first refusal decides."""
    if command.report is Report.LOG and target.peer.secured:
        # Its uploads are asked for by GetLog, of which the plain message knows nothing.
        return await target.ask("ExtendedTriggerMessage", {"requestedMessage": "LogStatusNotification"})
    requested = _MESSAGES[command.report]
    for number in _numbers(command, target):
        fields: Fields = {"requestedMessage": requested}
        if number:
            fields["connectorId"] = number
        outcome = await target.ask("TriggerMessage", fields)
        if not outcome.accepted:
            return outcome
    return ACCEPTED


def _numbers(command: TriggerReport, target: Target) -> Iterable[int]:
    """The connectors to name; 0: none. Stations differ in what they tell when none is named."""
    if command.report not in _OF_CONNECTOR:
        return (0,)
    if command.place.evse:
        return target.peer.connectors.numbers(command.place)
    return target.numbers() or (0,)
