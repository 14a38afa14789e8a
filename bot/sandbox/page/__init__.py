"""The page of the local workspace, served as it lies here: no build step, nothing from elsewhere."""
