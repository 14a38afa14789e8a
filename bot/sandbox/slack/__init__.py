"""The local Slack: a declared workspace, its Web API, Socket Mode, signed delivery and what people do in it."""
