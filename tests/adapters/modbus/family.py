"""Small families for tests."""

from __future__ import annotations

from typing import Any

from gateway.family.family import AsciiFamily, ModbusFamily

META: dict[str, Any] = {"id": "test", "vendor": "Test", "models": ["T"], "completeness": 3, "sources": ["a test"]}

POINTS: dict[str, Any] = {
    "state": {"at": 5, "table": "input", "poll": "fast", "map": {"2": "A1", "7": "C2"}},
    "current": {"at": 6, "table": "input", "n": 3, "scale": 0.1, "unit": "A"},
    "energy_total": {"at": 17, "table": "input", "type": "u32", "scale": 0.001, "unit": "kWh"},
    "limit": {"at": 261, "scale": 0.1, "unit": "A", "access": "rw"},
    "serial": {"at": 300, "type": "str", "n": 4, "poll": "once"},
    "target": {"at": 400, "type": "u32", "word": "little", "access": "rw"},
    "enable": {"at": 3, "table": "coil", "access": "rw"},
}


def modbus_family(points: dict[str, Any] | None = None, **link: Any) -> ModbusFamily:
    """A register map; timing as fast as the loopback allows."""
    quick = {"transports": ["tcp", "rtu"], "timeout_ms": 300, "retries": 1}
    return ModbusFamily.model_validate(
        {"schema": 1, "kind": "modbus", "meta": META, "link": {**quick, **link}, "points": points or POINTS}
    )


def ascii_family(**link: Any) -> AsciiFamily:
    """ABL's dialect, shortened."""
    quick = {"timeout_ms": 300, "retries": 1, "rx_start": ">", "baud": 38400, "format": "8E1"}
    return AsciiFamily.model_validate(
        {
            "schema": 1,
            "kind": "modbus-ascii",
            "meta": META,
            "link": {**quick, **link},
            "frames": {
                "status": {"at": 4, "n": 1},
                "status_long": {"at": 0x2E, "n": 5},
                "duty": {"at": 0x14, "n": 1, "access": "w"},
            },
            "points": {
                "state": {"frame": "status", "byte": 1, "map": {"0xA1": "A", "0xC2": "C2"}},
                "current": {
                    "frame": "status_long", "byte": 4, "n": 3, "type": "u16", "order": [2, 1, 0],
                    "scale": 0.1, "unit": "A", "nan": [1000, 1],
                },
                "duty": {"frame": "duty", "byte": 0, "type": "u16", "access": "w", "scale": 0.1},
            },
        }
    )  # fmt: skip
