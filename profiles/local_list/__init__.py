"""Profile Local List: the box keeps the Local Authorization List, and the station a copy where it can."""

from profiles.local_list.profile import LocalListProfile

__all__ = ["LocalListProfile"]
