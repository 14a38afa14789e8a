"""Driving the local workspace, and the bot beside it, from outside: as users run them, in processes of their own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.support.child_processes import Forked, fork
from tests.support.workspace_changes import Surroundings

#: Seconds to wait for something that should happen at once; a slow machine is not a failure.
PATIENCE = 30.0

Found = TypeVar("Found")

CLEAN = (
    "SLACK_",
    "SEGMENT_",
    "WAREHOUSE_",
    "APPROV",
    "DATABASE_",
    "PORT",
    "HOST",
    "LOG_LEVEL",
    "SECRETS_",
    "VAULT_",
    "AWS_",
    "PUBLIC_URL",
    "ENCRYPTION_KEYS",
    "AUDIT_KEY",
    "ALLOW_SECRETS",
)


#: The product's console script, from this checkout.
COMMAND = [sys.executable, "-m", "bot"]


def environment(**environ: str) -> dict[str, str]:
    """This process's environment with nothing of the bot's variables but `environ`."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(CLEAN)}
    return {**inherited, "PYTHONPATH": str(Path(__file__).parents[2]), **environ}


class Process:
    """A console command of the product, with its standard streams collected."""

    def __init__(self, process: asyncio.subprocess.Process | Forked) -> None:
        self._process = process
        self.out: list[str] = []
        self.err: list[str] = []
        assert process.stdout is not None
        assert process.stderr is not None
        self._readers = [
            asyncio.create_task(self._read(process.stdout, self.out)),
            asyncio.create_task(self._read(process.stderr, self.err)),
        ]

    @classmethod
    async def start(cls, *words: str, cwd: Path, **environ: str) -> "Process":
        """Run `warehouse-bot WORDS` with nothing of the bot's variables but `environ`."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *words,
            cwd=cwd,
            env=environment(**environ),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return cls(process)

    @classmethod
    async def fork(cls, *words: str, cwd: Path, **environ: str) -> "Process":
        """The same, sooner: the product's modules are imported already."""
        return cls(await fork(*words, cwd=cwd, environ=environment(**environ)))

    async def saw(self, words: str) -> str:
        """The first line with `words`, on either stream."""

        async def found() -> str | None:
            line = next((line for line in [*self.out, *self.err] if words in line), None)
            assert line or self._process.returncode is None, f"it ended without {words!r}:\n{self.text}"
            return line

        return await until(found)

    @property
    def text(self) -> str:
        """Everything it has said."""
        return "\n".join([*self.out, *self.err])

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end, and return its status."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        status = await asyncio.wait_for(self._process.wait(), PATIENCE)
        await asyncio.gather(*self._readers)
        return status

    async def ended(self) -> int:
        """Wait until it ends by itself, and return its status."""
        status = await asyncio.wait_for(self._process.wait(), PATIENCE)
        await asyncio.gather(*self._readers)
        return status

    async def kill(self) -> None:
        """kill -9."""
        await self.stop(signal.SIGKILL)

    async def _read(self, stream: asyncio.StreamReader, into: list[str]) -> None:
        while line := await stream.readline():
            into.append(line.decode().rstrip("\n"))


async def until(found: Callable[[], Awaitable[Found | None]], patience: float = PATIENCE) -> Found:
    """What `found` finds, asked until it is there, for so many seconds."""
    async with asyncio.timeout(patience):
        while (thing := await found()) is None:  # noqa: ASYNC110 - another process tells no event
            await asyncio.sleep(0.02)
        return thing


class Workspace(Surroundings):
    """The control API, in the words of a test. `variables` are what a bot needs to live in it."""

    def __init__(self, url: str, variables: dict[str, str], http: httpx.AsyncClient) -> None:
        self.url = url
        self.variables = variables
        self._http = http

    async def get(self, path: str) -> Any:
        """GET /_control/PATH."""
        return (await self._http.get(f"{self.url}/_control/{path}")).json()

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """POST /_control/PATH."""
        answer = await self._http.post(f"{self.url}/_control/{path}", json=body)
        return dict(answer.json())

    async def command(self, text: str, user: str = "U0ALICE", channel: str = "C0OPS", **more: Any) -> dict[str, Any]:
        """Type /warehouse TEXT."""
        return await self.post("command", channel=channel, user=user, command="/warehouse", text=text, **more)

    async def messages(self, user: str = "U0ALICE", channel: str = "C0OPS") -> list[dict[str, Any]]:
        """What that person sees in the channel."""
        answer = await self.get(f"messages/{channel}?user={user}")
        return list(answer["messages"] if isinstance(answer, dict) else answer)

    async def sees(self, words: str, user: str = "U0ALICE", channel: str = "C0OPS", **fields: Any) -> dict[str, Any]:
        """The newest message with `words` in its text, once that person sees it."""

        async def found() -> dict[str, Any] | None:
            said = await self.messages(user, channel)
            fitting = (
                each
                for each in reversed(said)
                if words in each["text"] and all(each.get(key) == value for key, value in fields.items())
            )
            return next(fitting, None)

        try:
            return await until(found)
        except TimeoutError:
            texts = "\n---\n".join(each["text"] for each in await self.messages(user, channel))
            raise AssertionError(f"{user} never saw {words!r} in {channel}, but:\n{texts}") from None

    async def click(
        self, message: dict[str, Any], label: str, user: str, channel: str = "C0OPS", **more: Any
    ) -> dict[str, Any]:
        """Press the button, or choose the option of a menu, that is called `label`."""
        return await self.post(
            "interact", channel=channel, messageTs=message["ts"], user=user, action=action(message, label), **more
        )

    async def view(self, user: str = "U0ALICE", *, having: str = "") -> dict[str, Any]:
        """The modal on top of that person's stack, once it holds `having`."""

        async def found() -> dict[str, Any] | None:
            answer = await self.get(f"views/{user}")
            stack = answer["views"] if isinstance(answer, dict) else answer
            return stack[-1] if stack and having in json.dumps(stack[-1], ensure_ascii=False) else None

        return await until(found)

    async def closed(self, user: str = "U0ALICE") -> None:
        """Wait until that person has no modal open."""

        async def gone() -> bool | None:
            answer = await self.get(f"views/{user}")
            return not (answer["views"] if isinstance(answer, dict) else answer) or None

        await until(gone)

    async def choose(
        self, view: dict[str, Any], block_id: str, label: str, user: str = "U0ALICE", **more: Any
    ) -> dict[str, Any]:
        """Choose the option called `label` of a menu in the modal, which is sent at once."""
        element = next(block["element"] for block in view["blocks"] if block.get("block_id") == block_id)
        option = next(each for each in element["options"] if each["text"]["text"] == label)
        chosen = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block_id,
            "selected_option": option,
        }
        return await self.post("view-action", user=user, action=chosen, **more)

    async def approve_deletion(
        self, card: dict[str, Any], user: str, channel: str = "C0OPS", name: str = "legacy-redshift"
    ) -> dict[str, Any]:
        """Press "Approve deletion" on the card, and type the warehouse's name in the dialog that it opens."""
        await self.click(card, "Approve deletion", user, channel)
        return await self.submit(await self.view(user, having="Type its name"), user, type_its_name=name)

    async def fill(self, view: dict[str, Any], **typed: str | bool) -> dict[str, Any]:
        """The values of the modal with `typed` in its inputs, by their labels ("_" for a blank)."""
        return values(view, **typed)

    async def press(self, view: dict[str, Any], label: str, user: str = "U0ALICE", **more: Any) -> dict[str, Any]:
        """Press a button in the modal."""
        return await self.post("view-action", user=user, action=action(view, label), **more)

    async def submit(self, view: dict[str, Any], user: str = "U0ALICE", **typed: str | bool) -> dict[str, Any]:
        """Fill in the modal by the labels of its inputs ("_" for a blank) and submit it."""
        return await self.post("submit", user=user, values=values(view, **typed))

    async def warehouses(self) -> dict[str, dict[str, Any]]:
        """What the local Segment has, by name."""
        state = await self.get("segment")
        return {each["name"]: each for space in state["spaces"] for each in space["warehouses"]}

    async def calls(self, name: str) -> list[dict[str, Any]]:
        """The calls and payloads of that name, such as "DELETE" or "chat.update"."""
        answer = await self.get("log")
        return [entry for entry in answer["log"] if name in entry["name"]]

    async def fault(self, target: str, match: str, **how: Any) -> None:
        """Let calls fail."""
        answer = await self.post("faults", target=target, match=match, **how)
        assert answer["ok"], answer

    async def clear_faults(self) -> None:
        """Let nothing fail any more."""
        await self._http.delete(f"{self.url}/_control/faults")


def action(message: dict[str, Any], label: str) -> dict[str, Any]:
    """What Slack sends for the button or option called `label`."""
    for block in message["blocks"]:
        elements = [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        for element in elements:
            base = {"type": element["type"], "action_id": element.get("action_id"), "block_id": block["block_id"]}
            if element["type"] == "button" and element["text"]["text"] == label:
                return {**base, "value": element.get("value")}
            for option in element.get("options", []):
                if option["text"]["text"] == label:
                    return {**base, "selected_option": option}
    raise AssertionError(f"no {label!r} in {json.dumps(message['blocks'], ensure_ascii=False)}")


def buttons(message: dict[str, Any]) -> list[str]:
    """The labels of a message's buttons."""
    rows = (block.get("elements", []) for block in message["blocks"] if block["type"] == "actions")
    return [element["text"]["text"] for row in rows for element in row if element["type"] == "button"]


def values(view: dict[str, Any], **typed: str | bool) -> dict[str, Any]:
    """`typed` by label as state values, by block id."""
    wanted = {label.replace("_", " ").casefold(): value for label, value in typed.items()}
    state: dict[str, Any] = {}
    for block in view["blocks"]:
        label = block.get("label", {}).get("text", "").casefold()
        if block["type"] == "input" and label in wanted:
            element = block["element"]
            state[block["block_id"]] = {element["action_id"]: _value(element, wanted.pop(label))}
    assert not wanted, f"the form has no {list(wanted)}"
    return state


def _value(element: dict[str, Any], value: str | bool) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": value or None}
    if kind == "checkboxes":
        return {"type": kind, "selected_options": element["options"] if value else []}
    option = next((each for each in element["options"] if each["text"]["text"] == value), None)
    assert option, f"no option {value!r}"
    return {"type": kind, "selected_option": option}
