"""The local Segment: a strict local implementation of the Profiles Sync endpoints of the Public API."""
