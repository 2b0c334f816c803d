"""Recurring inspections of components: by the calendar, or by how often and how long they have worked. Pure."""

from __future__ import annotations

from gateway.model.inspection.due import Standing, standing
from gateway.model.inspection.interval import Interval
from gateway.model.inspection.plan import AT_WORK, SEEN_BY_BOX, Inspection, Source
from gateway.model.inspection.record import Record
from gateway.model.inspection.tally import Tally

__all__ = ["AT_WORK", "SEEN_BY_BOX", "Inspection", "Interval", "Record", "Source", "Standing", "Tally", "standing"]
