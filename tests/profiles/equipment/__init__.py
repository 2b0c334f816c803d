"""Tests of the equipment profile."""
