"""What the wires and adapters of stations share."""
