"""Where a SecretRef resolves to its value, at the moment of execution: one small port, an adapter a file."""
