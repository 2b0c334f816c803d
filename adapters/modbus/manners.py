"""How a family wants to be spoken to, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.family.link import AsciiLink, ModbusLink

_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What a bus keeps to for one device.

    Attributes:
        timeout: Seconds for an answer to begin; the time that frames take on a serial line is added.
        retries: Repeats of a request.
        wake: Repeats before these, for a device that sleeps through the first requests.
        gap: Seconds of silence before a request.
        settle: Seconds of silence after connecting.
        single: The device serves one connection at a time: a silent one is given up at once.
        renew: Seconds after which a connection is opened anew; None: it is kept.
        broadcast: Unit id whose writes nobody answers; 0 of the standard only on a serial line itself.
        fragile: What the device does not like ends the connection: such a request is not repeated.
    """

    timeout: float = 1.0
    retries: int = 2
    wake: int = 0
    gap: float = 0.0
    settle: float = 0.0
    single: bool = False
    renew: float | None = None
    broadcast: int = 0
    fragile: bool = False

    @classmethod
    def of(cls, link: ModbusLink | AsciiLink) -> Manners:
        """Those of a family's link."""
        common = cls(timeout=link.timeout_ms / _MS, retries=link.retries, wake=link.wake_retry, gap=link.gap_ms / _MS)
        if isinstance(link, AsciiLink):
            return common
        return cls(
            timeout=common.timeout,
            retries=common.retries,
            wake=common.wake,
            gap=common.gap,
            settle=link.connect_delay_ms / _MS,
            single=link.single_client,
            renew=link.reconnect_every_s,
            broadcast=link.broadcast,
            fragile=link.split_on_error,
        )
