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
    commands.TriggerReport: Capability.TRIGGER,
}


_LIMITS = frozenset({Capability.SMART_CHARGING, Capability.ON_OFF})


def needed(command: commands.Command) -> frozenset[Capability]:
    """The capabilities of which a station needs one to carry out a command."""
    return _LIMITS if isinstance(command, commands.SetLimit) else frozenset({_NEEDED[type(command)]})
