"""Firmware for a station, and the log of one: what the station fetches or delivers itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import text
from adapters.ocpp1x.outcomes import outcome_of, outcome_of_failure
from gateway.model import commands as cmd
from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.target import Target


async def update_firmware(command: cmd.UpdateFirmware, target: Target) -> Outcome:
    """UpdateFirmware (1.5, 5.17), whose answer is empty; SignedUpdateFirmware (security extension, L01) if signed."""
    if command.signature:
        return await target.ask("SignedUpdateFirmware", {**_signed(command), **_retries(command)})
    fields: Fields = {"retrieveDate": command.at, "location": command.location}
    await target.call("UpdateFirmware", {**fields, **_retries(command)})
    return cmd.ACCEPTED


def _signed(command: cmd.UpdateFirmware) -> Fields:
    firmware: Fields = {
        "location": command.location,
        "retrieveDateTime": command.at,
        "signingCertificate": command.certificate,
        "signature": command.signature,
    }
    if command.install_at is not None:
        firmware["installDateTime"] = command.install_at
    return {"requestId": command.request_id, "firmware": firmware}


async def upload_log(command: cmd.UploadLog, target: Target) -> Outcome:
    """GetLog (security extension, N01) where the station has it, else GetDiagnostics (1.5, 5.8)."""
    if target.peer.secured:
        try:
            return await _get_log(command, target)
        except GatewayError as error:
            if outcome_of_failure(error).verdict is not Verdict.UNSUPPORTED:
                raise
    return await _get_diagnostics(command, target)


async def _get_log(command: cmd.UploadLog, target: Target) -> Outcome:
    log: Fields = {"remoteLocation": command.location}
    if command.start is not None:
        log["oldestTimestamp"] = command.start
    if command.stop is not None:
        log["latestTimestamp"] = command.stop
    fields: Fields = {"logType": "DiagnosticsLog", "requestId": command.request_id, "log": log}
    answer = await target.call("GetLog", {**fields, **_retries(command)})
    outcome = outcome_of(answer)
    return Outcome(verdict=outcome.verdict, reason=outcome.reason, data=text(answer, "filename"))


async def _get_diagnostics(command: cmd.UploadLog, target: Target) -> Outcome:
    """Without a file name there is nothing to upload."""
    fields: Fields = {"location": command.location}
    if command.start is not None:
        fields["startTime"] = command.start
    if command.stop is not None:
        fields["stopTime"] = command.stop
    name = text(await target.call("GetDiagnostics", {**fields, **_retries(command)}), "fileName")
    if not name:
        return Outcome(verdict=Verdict.REJECTED, reason="NotFound")
    return Outcome(verdict=Verdict.ACCEPTED, data=name)


def _retries(command: cmd.UpdateFirmware | cmd.UploadLog) -> Fields:
    given = {"retries": command.retries, "retryInterval": command.retry_interval}
    return {name: value for name, value in given.items() if value is not None}
