"""Operation of the bot: logs, and checks of file modes."""
