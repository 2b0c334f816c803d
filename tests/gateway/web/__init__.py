"""Tests of the box's own page."""
