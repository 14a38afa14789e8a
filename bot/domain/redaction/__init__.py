"""Keep secrets out of what is shown, stored and logged."""
