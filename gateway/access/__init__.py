"""How each station gets in at its CSMS: network profiles, passwords, certificates; and its security log."""
