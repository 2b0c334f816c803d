"""Tests of the sessions that the box runs."""
