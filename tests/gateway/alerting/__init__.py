"""The alerts that stand, and the broker that is told of them."""
