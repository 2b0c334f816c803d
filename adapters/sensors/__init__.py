"""Added hardware: each kind of sensor is a module of its own."""
