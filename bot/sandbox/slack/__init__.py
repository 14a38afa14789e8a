"""The local Slack: a workspace, its Web API, delivery over Socket Mode or signed HTTP, and people's interactions."""
