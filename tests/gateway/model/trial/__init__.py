"""Tests of gateway.model.trial."""
