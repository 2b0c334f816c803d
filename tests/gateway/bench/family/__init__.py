"""Tests of the simulated stations of families."""
