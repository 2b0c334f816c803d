"""Tests of what keeps EVSEs at their limits."""
