"""What a station is asked to do: commands become requests, and answers become outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ocpp1x.acquaintance import take_features
from adapters.ocpp1x.configuration import variables_of
from adapters.ocpp1x.features import features_of
from adapters.ocpp1x.fields import integer, text
from adapters.ocpp1x.limits import set_limit
from adapters.ocpp1x.outbound_files import update_firmware, upload_log
from adapters.ocpp1x.outbound_triggers import trigger_report
from adapters.ocpp1x.outcomes import outcome_of, outcome_of_failure
from gateway.model import commands as cmd
from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError
from gateway.model.events import VariablesReported

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.target import Target


async def carry_out(command: cmd.Command, target: Target) -> Outcome:
    """Carry out a command; every failure is an outcome."""
    try:
        return await COMMANDS[type(command)](command, target)
    except GatewayError as error:
        return outcome_of_failure(error)


async def start_charging(command: cmd.StartCharging, target: Target) -> Outcome:
    """RemoteStartTransaction (1.5, 5.11)."""
    fields: Fields = {"idTag": target.peer.tokens.id_tag(command.token)}
    if command.place.evse:
        fields["connectorId"] = target.peer.connectors.numbers(command.place)[0]
    return await target.ask("RemoteStartTransaction", fields)


async def stop_charging(command: cmd.StopCharging, target: Target) -> Outcome:
    """RemoteStopTransaction (1.5, 5.12)."""
    return await target.ask("RemoteStopTransaction", {"transactionId": command.number})


async def unlock(command: cmd.Unlock, target: Target) -> Outcome:
    """UnlockConnector (1.5, 5.15); the station only says that it will try."""
    return await target.ask("UnlockConnector", {"connectorId": target.peer.connectors.numbers(command.place)[0]})


async def reset(command: cmd.Reset, target: Target) -> Outcome:
    """Reset (1.5, 5.14): of the whole station only."""
    if command.place.evse:
        return Outcome(verdict=Verdict.UNSUPPORTED, reason="only the whole station can be reset")
    hard = command.kind is cmd.ResetKind.IMMEDIATE
    return await target.ask("Reset", {"type": "Hard" if hard else "Soft"})


async def change_availability(command: cmd.ChangeAvailability, target: Target) -> Outcome:
    """ChangeAvailability (1.5, 5.2), of every connector of the place; one that refuses decides."""
    outcomes: list[Outcome] = []
    for number in target.peer.connectors.numbers(command.place):
        type_ = "Operative" if command.operative else "Inoperative"
        outcomes.append(await target.ask("ChangeAvailability", {"connectorId": number, "type": type_}))
    refused = next((outcome for outcome in outcomes if not outcome.accepted), None)
    later = next((outcome for outcome in outcomes if outcome.verdict is Verdict.SCHEDULED), None)
    return refused or later or outcomes[0]


async def clear_tokens(_command: cmd.ClearTokens, target: Target) -> Outcome:
    """ClearCache (1.5, 5.4)."""
    return await target.ask("ClearCache")


async def read_variables(command: cmd.ReadVariables, target: Target) -> Outcome:
    """GetConfiguration (1.5, 5.7) of all keys; of the specification's, from a station that gives none unasked."""
    keys = target.peer.dialect.keys
    if command.keys:
        return await _read_some(command.keys, target)
    answer = await target.call("GetConfiguration")
    await take_features(features_of(answer), target)
    variables = variables_of(answer, keys)
    complete = bool(variables)
    if not complete:
        asked: Fields = {"key": [standard.key for standard in keys.values()]}
        variables = variables_of(await target.call("GetConfiguration", asked), keys)
    await target.hub.publish(
        VariablesReported(station=target.peer.id, at=target.hub.now(), variables=variables, complete=complete)
    )
    return cmd.ACCEPTED


async def _read_some(wanted: tuple[str, ...], target: Target) -> Outcome:
    variables = variables_of(await target.call("GetConfiguration", {"key": [*wanted]}), target.peer.dialect.keys)
    if variables:
        at = target.hub.now()
        await target.hub.publish(VariablesReported(station=target.peer.id, at=at, variables=variables, complete=False))
    shown = {each.key.casefold(): each.value for each in variables}
    return Outcome(verdict=Verdict.ACCEPTED, data=shown.get(wanted[0].casefold()) if len(wanted) == 1 else None)


async def set_variable(command: cmd.SetVariable, target: Target) -> Outcome:
    """ChangeConfiguration (1.5, 5.3)."""
    answer = await target.call("ChangeConfiguration", {"key": command.key, "value": command.value})
    return outcome_of(answer, not_supported=Verdict.UNKNOWN)


async def reserve(command: cmd.Reserve, target: Target) -> Outcome:
    """ReserveNow (1.5, 5.13)."""
    tokens = target.peer.tokens
    fields: Fields = {
        "connectorId": target.peer.connectors.numbers(command.place)[0],
        "expiryDate": command.expires_at,
        "idTag": tokens.id_tag(command.token),
        "reservationId": command.reservation,
    }
    if command.group is not None and command.group.value:
        fields["parentIdTag"] = tokens.id_tag(command.group)
    return await target.ask("ReserveNow", fields)


async def cancel_reservation(command: cmd.CancelReservation, target: Target) -> Outcome:
    """CancelReservation (1.5, 5.1)."""
    return await target.ask("CancelReservation", {"reservationId": command.reservation})


async def send_local_list(command: cmd.SendLocalList, target: Target) -> Outcome:
    """SendLocalList (1.5, 5.16), without a hash: 1.5 does not say how to make one."""
    tokens, now = target.peer.tokens, target.hub.now()
    entries: dict[str, Fields] = {}
    for entry in command.entries:
        one: Fields = {"idTag": tokens.id_tag(entry.token)}
        if entry.authorization is not None:
            one["idTagInfo"] = tokens.id_tag_info(entry.authorization, now)
        entries[entry.token.key] = one
    return await target.ask(
        "SendLocalList",
        {
            "updateType": "Full" if command.full else "Differential",
            "listVersion": command.version,
            target.peer.dialect.local_list: [*entries.values()],
        },
    )


async def read_local_list_version(_command: cmd.ReadLocalListVersion, target: Target) -> Outcome:
    """GetLocalListVersion (1.5, 5.9); -1 is a station without a list."""
    version = integer(await target.call("GetLocalListVersion"), "listVersion") or 0
    verdict = Verdict.UNSUPPORTED if version < 0 else Verdict.ACCEPTED
    return Outcome(verdict=verdict, reason="the station keeps no list" if version < 0 else "", data=str(version))


async def vendor_request(command: cmd.VendorRequest, target: Target) -> Outcome:
    """DataTransfer (1.5, 5.5)."""
    fields: Fields = {"vendorId": command.vendor}
    if command.message is not None:
        fields["messageId"] = command.message
    if command.data is not None:
        fields["data"] = command.data
    answer = await target.call("DataTransfer", fields)
    outcome = outcome_of(answer)
    return Outcome(verdict=outcome.verdict, reason=outcome.reason, data=text(answer, "data"))


COMMANDS: Mapping[type[cmd.Command], Callable[[Any, Target], Awaitable[Outcome]]] = {
    cmd.CancelReservation: cancel_reservation,
    cmd.ChangeAvailability: change_availability,
    cmd.ClearTokens: clear_tokens,
    cmd.ReadLocalListVersion: read_local_list_version,
    cmd.ReadVariables: read_variables,
    cmd.Reserve: reserve,
    cmd.Reset: reset,
    cmd.SendLocalList: send_local_list,
    cmd.SetVariable: set_variable,
    cmd.StartCharging: start_charging,
    cmd.SetLimit: set_limit,
    cmd.StopCharging: stop_charging,
    cmd.TriggerReport: trigger_report,
    cmd.Unlock: unlock,
    cmd.UpdateFirmware: update_firmware,
    cmd.UploadLog: upload_log,
    cmd.VendorRequest: vendor_request,
}
