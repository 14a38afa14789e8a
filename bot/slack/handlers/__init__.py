"""Handlers of Slack payloads, one file for each thing that people do."""
