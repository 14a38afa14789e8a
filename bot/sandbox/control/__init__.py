"""The control API of the local workspace, under `/_control`."""
