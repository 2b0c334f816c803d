"""Tests of gateway.model.inspection."""
