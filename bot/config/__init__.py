"""Read the configuration: the environment, .env and policy.toml."""
