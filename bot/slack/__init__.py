"""Slack: receive payloads through Bolt, run their handlers, look people up, and send messages."""
