"""Load management held against the plant."""
