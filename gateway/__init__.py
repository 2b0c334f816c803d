"""Stationlift: the box. One process, one event loop; see docs/architecture.md."""
