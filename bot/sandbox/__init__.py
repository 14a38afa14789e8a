"""The local workspace: a strict local Slack and a local Segment, to try the bot without real tokens."""
