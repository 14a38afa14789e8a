"""Where a SecretRef resolves to its value, at the moment of execution."""
