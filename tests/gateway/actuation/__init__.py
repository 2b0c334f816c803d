"""What limits stations that take no limits."""
