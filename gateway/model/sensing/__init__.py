"""Added sensors: what they send, what it means, and when it counts. Pure."""

from __future__ import annotations

from gateway.model.sensing.channel import Channel, Manner
from gateway.model.sensing.derate import Curve
from gateway.model.sensing.quality import Judged, Quality, Value
from gateway.model.sensing.settle import Hold, Settled
from gateway.model.sensing.shape import Contact, Loop, Scale, Shape, Words

__all__ = [
    "Channel",
    "Contact",
    "Curve",
    "Hold",
    "Judged",
    "Loop",
    "Manner",
    "Quality",
    "Scale",
    "Settled",
    "Shape",
    "Value",
    "Words",
]
