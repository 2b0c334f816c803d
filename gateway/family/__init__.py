"""Station families: what one TOML file says of a kind of station, and what follows from it. No I/O but reading files."""
