"""Domain values drawn as Block Kit, and modals read back into domain values. Pure."""
