"""Profile Display Message: texts of the backend on the box's own page."""

from profiles.display.profile import DisplayProfile

__all__ = ["DisplayProfile"]
