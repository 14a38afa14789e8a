"""The audit log: entries in a hash chain, their keys, and how the log is verified."""
