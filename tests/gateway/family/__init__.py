"""Tests of gateway.family."""
