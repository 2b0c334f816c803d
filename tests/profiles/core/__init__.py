"""Tests of the core profile."""
