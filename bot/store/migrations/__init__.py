"""The migrations of the tables, one file per revision. `bot.store.database.migrate` runs them at start."""
