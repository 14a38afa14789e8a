"""The Segment Public API: what goes over the wire (`protocol`) and the socket it goes through (`client`)."""
