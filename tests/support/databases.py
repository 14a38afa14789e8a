"""A database for each test: a SQLite file, or one made in this machine's PostgreSQL and dropped afterwards."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

SERVER = "postgresql://postgres@127.0.0.1:5432"


async def has_postgresql() -> bool:
    """Whether this machine has one that takes connections."""
    try:
        await (await asyncpg.connect(f"{SERVER}/postgres", timeout=5)).close()
    except OSError:
        return False
    return True


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The DATABASE_URL of a fresh database: "sqlite" or "postgresql".

    Without a PostgreSQL on this machine the test says that it was left out; in CI that is a failure.
    """
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/data/bot.db"
        return
    name = f"warehouse_bot_{secrets.token_hex(6)}"
    try:
        admin = await asyncpg.connect(f"{SERVER}/postgres", timeout=5)
    except OSError:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql+asyncpg://postgres@127.0.0.1:5432/{name}"
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()
