"""The command line, `warehouse-bot`: one file for each command."""
