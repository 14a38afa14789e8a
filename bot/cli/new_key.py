"""`warehouse-bot new-key`: a key for ENCRYPTION_KEYS or AUDIT_KEY."""

import typer
from cryptography.fernet import Fernet


def new_key() -> None:
    """Print a new key for ENCRYPTION_KEYS or AUDIT_KEY."""
    typer.echo(Fernet.generate_key().decode())
