"""The local workspace, bots that come and go beside it, and what must hold of them in the end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.domain.audit.entries import AuditEntry
from bot.domain.requests.request import OPEN_STATES, Request, StoredRequest
from bot.domain.requests.transitions import Claim, MarkUnknown
from bot.render.cards import render_card as draw
from bot.store import tables
from bot.store.audit import AuditLog
from bot.store.database import migrate, open_engine
from bot.store.requests import SqlRequestStore
from tests.support.databases import database
from tests.support.local_workspace import Process, Workspace, until

CHANNEL = "C0OPS"

#: Short enough to see a takeover, longer than any call that is not delayed on purpose.
PACE = '[execution]\nlease = "2s"\nlook_again = "1s"\n[secrets]\nLOADER = ["everyone"]\n'


#: Alembic keeps in globals what it is at: two scenes of one process migrate one after the other.
_MIGRATING = asyncio.Lock()


class Bots:
    """The workspace, the database `url`, and the bots started so far."""

    def __init__(
        self, workspace: Workspace, http: httpx.AsyncClient, folder: Path, url: str, engine: AsyncEngine
    ) -> None:
        self.workspace = workspace
        self.url = url
        self.store = SqlRequestStore(engine)
        self.trail = AuditLog(engine)
        self._http = http
        self._engine = engine
        self._folder = folder
        self.running: list[Process] = []
        self.killed = 0

    async def start(self) -> Process:
        """One more `warehouse-bot run`, connected."""
        variables = {
            **self.workspace.variables,
            "PORT": "0",
            "DATABASE_URL": self.url,
            "WAREHOUSE_SECRET_LOADER": "canary-hunter2-canary",
            "POLICY_FILE": str(self._folder / "policy.toml"),
        }
        process = await Process.fork("run", "--only", "socket", cwd=self._folder, **variables)
        self.running.append(process)
        await process.saw('"event": "connected"')
        return process

    async def kill(self, process: Process) -> None:
        """kill -9; nothing it said before may be a traceback."""
        await process.kill()
        self.killed += 1
        self.running.remove(process)
        assert "Traceback" not in process.text, process.text

    async def stop(self) -> None:
        """End every bot in order."""
        for process in self.running:
            status = await process.stop()
            assert status == 0, process.text
            assert "Traceback" not in process.text, process.text

    async def heal(self) -> None:
        """Nothing goes wrong any more."""
        await self._http.delete(f"{self.workspace.url}/_control/faults")

    async def taken(self) -> None:
        """Wait until every fault that was armed has caught its call."""

        async def none_left() -> bool | None:
            return not (await self.workspace.get("faults"))["faults"] or None

        await until(none_left)

    async def requests(self) -> Sequence[StoredRequest]:
        """Every request, oldest first."""
        async with self._engine.connect() as connection:
            ids = (await connection.execute(select(tables.requests.c.id).order_by(tables.requests.c.asked_at))).all()
        found = [await self.store.get(each.id) for each in ids]
        assert None not in found, "a request was lost"
        return [each for each in found if each is not None]

    async def ended(self, request_id: str) -> StoredRequest:
        """The request, once it has ended and its card and thread say so."""

        async def done() -> StoredRequest | None:
            stored = await self.store.get(request_id)
            assert stored is not None, "a request was lost"
            told = stored.card is not None and not stored.is_outdated
            return stored if stored.request.state not in OPEN_STATES and told else None

        return await until(done, patience=90)

    async def said(self, user: str = "U0ALICE") -> list[dict[str, Any]]:
        """What that person sees in the channel."""
        return await self.workspace.messages(user, CHANNEL)

    async def sound(self, request_id: str) -> StoredRequest:
        """The request, after checking what holds of every request that ended."""
        stored = await self.ended(request_id)
        await self._one_right_card(stored)
        one_at_a_time(stored.request)
        entries = [AuditEntry.model_validate_json(each.entry_json) async for each in self.trail.read_entries()]
        moves = [each.action for each in entries if each.request_id == request_id and not each.refused]
        assert moves == ["ask", *(move.kind for move in stored.request.history)]
        assert (await self.trail.verify()).problems == ()
        return stored

    async def _one_right_card(self, stored: StoredRequest) -> None:
        *strays, card = [each for each in await self.said() if _is_card(each, stored.request.id)]
        assert (card["ts"], card["text"]) == (stored.card and stored.card.ts, draw(stored.request).text)
        # Whoever is killed between posting and storing leaves a card that nobody knows of; it says less than the truth.
        assert len(strays) <= self.killed
        assert all(each["text"].startswith("⏳") or "|its card>" in each["text"] for each in strays), strays


def _is_card(message: dict[str, Any], request_id: str) -> bool:
    return request_id in str(message) and not message.get("thread_ts") and not message.get("ephemeral")


def one_at_a_time(request: Request) -> None:
    """Nobody claimed it before the claim before had run out, its holder had died, or a lost answer was due."""
    previous = None
    for at, move in enumerate(request.history):
        if isinstance(move, Claim):
            before = request.history[at - 1] if at else None
            free = previous is None or (isinstance(before, Claim) and before.until <= move.at)
            free = free or (isinstance(before, Claim) and move.alone and move.by != before.by)
            assert free or (isinstance(before, MarkUnknown) and before.again_at <= move.at), request.history
            previous = move


@asynccontextmanager
async def scene(folder: Path, kind: str = "sqlite", policy: str = PACE) -> AsyncIterator[Bots]:
    """`warehouse-bot sandbox` with a fresh database of `kind`, for bots under `policy`; they end with the block."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(kind, folder))
        (folder / "policy.toml").write_text(policy)
        sandbox = await Process.fork("sandbox", "--env", cwd=folder, PORT="0")
        stack.push_async_callback(sandbox.stop)
        line = await sandbox.saw("The local workspace is at ")
        variables = dict(each.split("=", 1) for each in sandbox.out)
        limits = httpx.Limits(max_connections=200)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=60, limits=limits))
        engine = open_engine(url)
        stack.push_async_callback(engine.dispose)
        async with _MIGRATING:
            await migrate(engine)
        bots = Bots(Workspace(line.rpartition(" ")[2], variables, http), http, folder, url, engine)
        try:
            yield bots
            await bots.stop()
        finally:
            await asyncio.gather(*(each.kill() for each in bots.running))
