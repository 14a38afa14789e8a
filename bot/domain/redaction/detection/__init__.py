"""Find secrets in text whose value nobody told us: by published rules, by name, by place and by randomness."""
