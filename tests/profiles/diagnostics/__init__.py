"""Tests of the diagnostics profile."""
