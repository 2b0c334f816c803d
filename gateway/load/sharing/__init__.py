"""Several boxes under one connection: one of them leads and grants each its part, and without it each keeps to its share."""
