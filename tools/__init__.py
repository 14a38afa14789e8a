"""Programs for those who work on the bot; none is part of it."""
