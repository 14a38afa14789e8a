"""What a browser sees of the bot: the one-time page on which somebody hands a secret over."""
