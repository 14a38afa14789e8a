"""What /warehouse can be told to do: commands as frozen values, their parser, and list queries."""
