"""Segment's Public API: calls and responses (`protocol`), HTTP (`transport`), operations (`client`)."""
