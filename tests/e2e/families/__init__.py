"""Stations of every family that comes with the box, simulated on real wires, at one gateway process."""
