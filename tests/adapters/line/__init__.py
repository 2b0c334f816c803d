"""Lines: framing, bus and wire."""
