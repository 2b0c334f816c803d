"""Profile Security: events, passwords, certificates, network profiles (OCPP 2.0.1 Part 2, A, B09, B10, M03-M05)."""

from profiles.security.profile import SecurityProfile

__all__ = ["SecurityProfile"]
