"""`python -m bot`: the same as `warehouse-bot`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
