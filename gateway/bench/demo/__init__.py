"""The demonstration: station, box and backend in one process, their messages side by side."""
