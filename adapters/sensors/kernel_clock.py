"""Whether the kernel's clock follows a time server (adjtimex(2)): the same for chrony, ntpd and systemd-timesyncd."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import ClassVar

from gateway.model.errors import GatewayError

_ERROR = 5
"""TIME_ERROR: the clock is not synchronized."""
_UNSYNC = 0x0040
"""STA_UNSYNC; the kernel sets it by itself when nobody has disciplined the clock for some hours."""


class _Timex(ctypes.Structure):
    """struct timex, as far as it is needed; the rest is room."""

    _fields_: ClassVar = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelClock:
    """The clock of this machine; ``error``: how wrong it may be at most, in seconds."""

    synchronized: bool
    error: float


def judge(state: int, status: int, maxerror: int) -> KernelClock:
    """What the kernel's answer means; ``maxerror`` in µs."""
    return KernelClock(synchronized=state != _ERROR and not status & _UNSYNC, error=maxerror / 1e6)


def kernel_clock() -> KernelClock:
    """Ask the kernel; changes nothing, and everybody may.

    Raises:
        GatewayError: ``box-clock``: this kernel does not say.
    """
    answer = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(answer))
    if state < 0:
        raise GatewayError("box-clock", reason=os.strerror(ctypes.get_errno()))
    return judge(state, answer.status, answer.maxerror)
