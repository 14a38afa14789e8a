"""One wired process of the bot below the Slack edge, over a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import migrate, open_engine
from bot.store.requests import SqlRequestStore
from tests.support.databases import database


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlRequestStore]:
    async with database(request.param, tmp_path) as url:
        engine = open_engine(url)
        await migrate(engine)
        yield SqlRequestStore(engine)
        await engine.dispose()
