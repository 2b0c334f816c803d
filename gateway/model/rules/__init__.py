"""How events change a station: pure functions from a state and an event to a new state and what has changed."""
