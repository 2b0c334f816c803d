"""The box's own page: what drivers and technicians see on a tablet or a phone beside the station. Read-only."""
