"""Render domain values as Block Kit, and read modals back into domain values. Pure."""
