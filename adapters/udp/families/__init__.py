"""Family files: one TOML file for each family of stations."""
