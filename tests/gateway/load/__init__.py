"""Tests of gateway.load."""
