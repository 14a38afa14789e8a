"""Warehouse Bot: Segment's Profiles Sync warehouses, run from Slack, with approvals."""
