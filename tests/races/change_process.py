"""One change of each kind: asked, and ready for the press that sets it going."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.requests.request import State, StoredRequest
from tests.races.race_setup import Bots
from tests.support.local_workspace import Workspace, values

SNOWFLAKE = {
    "account_id": "acme-new",
    "username": "SEGMENT",
    "warehouse": "LOADING",
    "database_name": "PROFILES",
    "password": "LOADER",
}

#: The warehouse that each kind is about, where nobody says another.
NAMES = {
    "create": "new-snowflake",
    "update": "prod-snowflake",
    "disable": "crm-postgres",
    "delete": "legacy-redshift",
}

#: The API's method for each kind, and what its audit trail calls the effect.
METHODS = {"create": "POST /spaces", "update": "PATCH /spaces", "disable": "PATCH /spaces", "delete": "DELETE /spaces"}
EFFECTS = {"create": "Created", "update": "Updated", "disable": "Updated", "delete": "Deleted"}

Press = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Ready:
    """A change that waits for `press`: the last thing a person does."""

    kind: str
    name: str
    press: Press

    def go(self) -> "asyncio.Task[dict[str, Any]]":
        """Press, and let it go on."""
        return asyncio.ensure_future(self.press())

    async def stored(self, bots: Bots) -> StoredRequest | None:
        """Its request."""
        found = [each for each in await bots.requests() if each.request.change.warehouse_name == self.name]
        assert len(found) <= 1, found
        return found[0] if found else None

    async def sound(self, bots: Bots) -> StoredRequest:
        """Its request in the end, after checking that Segment has what it says, done once."""
        stored = await self.stored(bots)
        assert stored is not None, "a request was lost"
        stored = await bots.sound(stored.request.id)
        done = stored.request.state is State.SUCCEEDED
        effects, holds = await self._effects(bots.workspace), await self._holds(bots.workspace)
        # A PATCH may be repeated, to the same end; a second creation or deletion would be another one.
        assert (holds, min(effects, 1) if self.kind in {"update", "disable"} else effects) == (done, done), stored
        return stored

    async def _effects(self, workspace: Workspace) -> int:
        events = (await workspace.get("segment"))["auditEvents"]
        wanted = f"Profiles Sync Warehouse {EFFECTS[self.kind]}"
        return sum(each["type"] == wanted and each["resourceName"] == self.name for each in events)

    async def _holds(self, workspace: Workspace) -> bool:
        found = (await workspace.warehouses()).get(self.name)
        match self.kind:
            case "create":
                return found is not None
            case "update":
                return found is not None and found["settings"]["database"] == "PROFILES_V2"
            case "disable":
                return found is not None and not found["enabled"]
            case _:
                return found is None


async def asked(workspace: Workspace, kind: str, name: str = "") -> Ready:
    """A change of that kind, asked by Alice."""
    asking = {"create": _create, "update": _update, "disable": _disable, "delete": _delete}[kind]
    await workspace.post("close", user="U0ALICE", all=True)
    name = name or NAMES[kind]
    return Ready(kind, name, await asking(workspace, name))


async def _create(workspace: Workspace, name: str) -> Press:
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Snowflake")
    typed = values(await workspace.view(having="Schema name"), name=name, **SNOWFLAKE)
    return lambda: workspace.post("submit", user="U0ALICE", values=typed)


async def _update(workspace: Workspace, name: str) -> Press:
    await workspace.command(f"update {name}")
    await workspace.submit(await workspace.view(having="Account ID"), database_name="PROFILES_V2", why="more room")
    card = await workspace.sees(f"asks to update {name}", user="U0BOB")
    return lambda: workspace.click(card, "Approve update", "U0BOB", confirm=True)


async def _disable(workspace: Workspace, name: str) -> Press:
    await workspace.command(f"disable {name} --reason moved")
    card = await workspace.sees(f"asks to disable {name}", user="U0BOB")
    return lambda: workspace.click(card, "Approve disabling", "U0BOB", confirm=True)


async def _delete(workspace: Workspace, name: str) -> Press:
    await workspace.command(f"delete {name} --reason moved")
    card = await workspace.sees(f"asks to delete {name}", user="U0BOB")
    await workspace.post("close", user="U0BOB", all=True)
    await workspace.click(card, "Approve deletion", "U0BOB")
    typed = values(await workspace.view("U0BOB", having="Type its name"), type_its_name=name)
    return lambda: workspace.post("submit", user="U0BOB", values=typed)
