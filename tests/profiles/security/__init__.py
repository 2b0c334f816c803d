"""Tests of profiles.security."""
