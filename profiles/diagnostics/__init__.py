"""Profile Diagnostics: logs of the station and of the box, brought to where the CSMS wants them."""

from profiles.diagnostics.profile import DiagnosticsProfile

__all__ = ["DiagnosticsProfile"]
