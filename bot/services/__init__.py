"""The use cases: what the bot does, written against ports."""
