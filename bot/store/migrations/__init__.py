"""The history of the tables, one file a step, run at start by `bot.store.database.migrate`."""
