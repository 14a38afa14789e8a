"""Detect unknown secrets in a text: by published rules, by their names, by their shapes and by randomness."""
