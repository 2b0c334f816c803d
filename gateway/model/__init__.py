"""The internal device model: pure, standard library only."""
