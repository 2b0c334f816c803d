"""Limits for stations that take none: what the site file configures as ``control`` of an EVSE does it instead.

``amounts`` is pure; ``ways`` are the means, one class each; ``limiter`` is one station's.
"""
