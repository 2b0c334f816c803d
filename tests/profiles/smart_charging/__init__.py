"""Tests of the profile smart charging."""
