"""Requests for a change: their states, transitions, timers, approvals, history and audit entries."""
