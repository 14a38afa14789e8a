"""The local Segment: a stand-in of the Public API's Profiles Sync endpoints, strict with its clients."""
