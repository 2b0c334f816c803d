"""Tests by a technician: what was found, and whether it can be. Pure."""

from __future__ import annotations

from gateway.model.trial.check import Check, Verdict, overall
from gateway.model.trial.judge import judge_limit, judge_sensor
from gateway.model.trial.meter import judge_meter

__all__ = ["Check", "Verdict", "judge_limit", "judge_meter", "judge_sensor", "overall"]
