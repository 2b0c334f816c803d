"""Modbus on the wire: planning, framing, buses, wires, scanning."""
