"""What the box costs: measurements against the cheapest possible Python that does the same."""
