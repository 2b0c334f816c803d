"""Tests of the display profile."""
