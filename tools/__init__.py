"""Programs for developers of the bot, which are not part of it."""
