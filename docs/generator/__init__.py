"""How the generated pages of docs/reference are made."""
