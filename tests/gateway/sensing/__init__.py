"""Tests of gateway.sensing."""
