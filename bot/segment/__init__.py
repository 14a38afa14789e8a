"""The Segment Public API: what goes over the wire (`protocol`), how (`sending`), and what it means (`client`)."""
