"""Which capability a command needs of the station."""

from __future__ import annotations

from gateway.model import commands
from gateway.model.station import Capability

_NEEDED: dict[type, Capability] = {
    commands.StartCharging: Capability.REMOTE_START,
    commands.PresentToken: Capability.BOX_SESSIONS,
    commands.StopCharging: Capability.REMOTE_STOP,
    commands.Unlock: Capability.UNLOCK,
    commands.Reset: Capability.RESET,
    commands.ChangeAvailability: Capability.CHANGE_AVAILABILITY,
    commands.ClearTokens: Capability.CLEAR_CACHE,
    commands.ReadVariables: Capability.CONFIGURATION_READ,
    commands.SetVariable: Capability.CONFIGURATION_WRITE,
    commands.Reserve: Capability.RESERVATION,
    commands.CancelReservation: Capability.RESERVATION,
    commands.SendLocalList: Capability.LOCAL_LIST,
    commands.ReadLocalListVersion: Capability.LOCAL_LIST,
    commands.UpdateFirmware: Capability.FIRMWARE_UPDATE,
    commands.UploadLog: Capability.DIAGNOSTICS,
    commands.VendorRequest: Capability.DATA_TRANSFER,
    commands.SetLimit: Capability.SMART_CHARGING,
    commands.TriggerReport: Capability.TRIGGER,
}


def needed(command: commands.Command) -> Capability:
    """The capability without which a station cannot carry out a command."""
    return _NEEDED[type(command)]
