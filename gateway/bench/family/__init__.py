"""A simulated station of any family, served from the family's own file, with a simulated car behind it."""
