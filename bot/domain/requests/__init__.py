"""Requests for a change: their states, transitions, timers, approvals and history."""
