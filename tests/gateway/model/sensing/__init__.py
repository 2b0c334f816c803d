"""Tests of gateway.model.sensing."""
