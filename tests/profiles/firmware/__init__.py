"""Tests of the firmware profile."""
