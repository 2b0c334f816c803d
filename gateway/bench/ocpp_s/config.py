"""Settings of a simulated station that speaks OCPP over SOAP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.bench.car import Car
from gateway.bench.ocpp_s.dialects import V15

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.ocpp_s.dialects import Dialect
    from gateway.bench.ocpp_s.quirks import Quirk


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConfig:
    """What a simulated station is and how it behaves.

    Args:
        url: service address of the central system.
        identity: its chargeBoxIdentity.
        dialect: the version of OCPP that it speaks.
        evses: number of connectors, each an outlet of its own.
        callback_host: address that its own service listens on.
        callback_port: port that its own service listens on, 0 for a free one.
        callback_url: what it says in From; by default the address that it listens on.
        vendor: chargePointVendor, at most 20 characters.
        model: chargePointModel, at most 20 characters.
        serial: chargePointSerialNumber, at most 25 characters.
        firmware: firmwareVersion that it comes with.
        car: the car that ``plug_in`` plugs in.
        max_current: what each outlet offers, A per phase.
        phases: phases of each outlet.
        meter_start: register of each outlet's meter at the start, Wh.
        quirks: its deviations.
        retry_interval: pause before it sends an unanswered message again, simulated s.
        answer_timeout: how long it waits for an answer, real s.
        reboot_time: how long a reboot takes, simulated s.
        clock_skew: how far its clock is ahead of the simulated time, s.
        offline_unknown: accept unknown tokens while offline.
        state_file: where its memory is kept, None for a memory that lives as long as the process.
    """

    url: str
    identity: str
    dialect: Dialect = V15
    evses: int = 1
    callback_host: str = "127.0.0.1"
    callback_port: int = 0
    callback_url: str = ""
    vendor: str = "Stationlift"
    model: str = "Bench 1.5-S"
    serial: str = "BENCH-0001"
    firmware: str = "bench-1.0"
    car: Car = field(default_factory=Car)
    max_current: float = 32.0
    phases: int = 3
    meter_start: float = 0.0
    quirks: frozenset[Quirk] = frozenset()
    retry_interval: float = 5.0
    answer_timeout: float = 20.0
    reboot_time: float = 5.0
    clock_skew: float = 0.0
    offline_unknown: bool = False
    state_file: Path | None = None
