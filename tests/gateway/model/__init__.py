"""Tests of gateway.model."""
