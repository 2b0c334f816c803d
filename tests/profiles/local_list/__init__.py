"""Tests of the local list profile."""
