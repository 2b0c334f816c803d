"""Tests of adapters.sensors."""
