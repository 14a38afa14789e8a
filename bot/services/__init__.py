"""The use cases: what the bot does, told through ports."""
