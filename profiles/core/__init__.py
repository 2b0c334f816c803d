"""Profile Core: boot to stop of a charging session, remote control, availability, variables."""

from profiles.core.profile import CoreProfile

__all__ = ["CoreProfile"]
