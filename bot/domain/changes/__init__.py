"""Changes of a warehouse: create, update, delete; what differs, and the fingerprint of what was seen."""
