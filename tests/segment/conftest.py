"""Fixtures without waits: stamina is in its testing mode, or its sleeps are only recorded."""

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def recorded_sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The recorded sleeps, without stamina's testing mode."""
    waits: list[float] = []

    async def sleep(seconds: float, *_: object) -> None:
        waits.append(seconds)

    stamina.set_testing(False)
    monkeypatch.setattr("asyncio.sleep", sleep)
    return waits
