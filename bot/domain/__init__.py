"""Who, what and why, as values: no I/O, no clock, no environment, no async."""
