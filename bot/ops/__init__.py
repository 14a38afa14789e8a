"""Running it: logs."""
