"""The technician's file: models, positions, error report, JSON Schema."""
