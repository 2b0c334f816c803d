"""Tests of charging profiles and composite schedules."""
