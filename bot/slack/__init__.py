"""The Bolt edge: payloads in, domain commands out; who is who; Socket Mode and signed HTTP."""
