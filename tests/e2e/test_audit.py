"""The audit log, as whoever runs the bot checks it."""

from pathlib import Path

import pytest

from tests.support.workspace import Process


async def _audit(folder: Path, *words: str, **environ: str) -> tuple[int, Process]:
    process = await Process.fork("audit", *words, cwd=folder, **environ)
    status = await process.ended()
    assert "Traceback" not in process.text, process.text
    return status, process


def _made(folder: Path) -> list[str]:
    return [str(each) for each in folder.iterdir()]


@pytest.mark.parametrize("words", [("verify",), ("export",)], ids=" ".join)
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:///nowhere/bot.db", "there is none at 'nowhere/bot.db'. Nothing was created."),
        ("postgresql://bot:hunter2@127.0.0.1:1/bot", "its server can't be reached"),
        ("mysql://bot:hunter2@127.0.0.1/bot", "DATABASE_URL: wants sqlite:///PATH"),
    ],
    ids=["no file", "no server", "no URL"],
)
async def test_a_database_that_can_not_be_read_is_said_in_a_sentence_and_nothing_is_made(
    tmp_path: Path, words: tuple[str, ...], url: str, says: str
) -> None:
    status, process = await _audit(tmp_path, *words, DATABASE_URL=url)
    assert status == 1
    assert says in process.text
    assert "hunter2" not in process.text
    assert _made(tmp_path) == []
