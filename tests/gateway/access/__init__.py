"""How each station gets in at its CSMS."""
