"""The local workspace: a strict local Slack and a local Segment, to see the bot work before giving it a token."""
