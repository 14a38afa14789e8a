"""Nothing here waits: stamina is in its testing mode, or its sleep is only written down."""

from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been slept, without testing mode."""
    waits: list[float] = []

    async def sleep(seconds: float, *_: object) -> None:
        waits.append(seconds)

    stamina.set_testing(False)
    monkeypatch.setattr("asyncio.sleep", sleep)
    return waits
