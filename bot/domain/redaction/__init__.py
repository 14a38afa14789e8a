"""Keep secrets out of shown, stored and logged text."""
