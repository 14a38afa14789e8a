import aiohttp
import pytest

from bot.sandbox.workspace import LocalWorkspace
from tests.sandbox.slack.conftest import Control, Json, button, section


class Hook:
    """A response URL, used as the bot uses it."""

    def __init__(self, sandbox: LocalWorkspace, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.url = self.issue()

    def issue(self, channel: str = "C0OPS", ts: str | None = None) -> str:
        self.url = self.sandbox.slack.create_response_url(channel, "U0ALICE", ts)
        return self.url

    async def send(self, **body: object) -> tuple[int, str]:
        async with self.session.post(self.url, json=body) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def hook(sandbox: LocalWorkspace, control: Control) -> Hook:
    return Hook(sandbox, control.session)


async def posted(hook: Hook, *, ephemeral: bool = False) -> str:
    """A message to answer in place; gives its ts."""
    await hook.send(text="card", blocks=[button()], response_type="ephemeral" if ephemeral else "in_channel")
    ts: str = hook.sandbox.slack.workspace.list_visible_messages("C0OPS", "U0ALICE")[-1].ts
    hook.issue(ts=ts)
    return ts


async def test_an_answer_is_seen_by_the_person_alone(hook: Hook, control: Control) -> None:
    assert await hook.send(text="for alice", blocks=[section()]) == (200, "ok")
    (message,) = await control.messages()
    assert (message["text"], message["ephemeral"]) == ("for alice", True)
    assert await control.texts(user="U0BOB") == []


async def test_an_answer_to_the_channel_needs_no_membership(hook: Hook, control: Control) -> None:
    hook.issue("C0QUIET")
    assert (await hook.send(text="hello", response_type="in_channel"))[0] == 200
    assert await control.texts("C0QUIET", "U0BOB") == ["hello"]


async def test_a_response_url_works_five_times(hook: Hook, control: Control) -> None:
    assert [(await hook.send(text=str(n)))[0] for n in range(5)] == [200] * 5
    status, answer = await hook.send(text="6")
    assert (status, "used_url" in answer) == (404, True)
    assert len(await control.messages()) == 5


async def test_a_response_url_expires_after_thirty_minutes(hook: Hook, control: Control) -> None:
    await control.post("clock", advance=29 * 60)
    assert (await hook.send(text="in time"))[0] == 200
    await control.post("clock", advance=2 * 60)
    status, answer = await hook.send(text="late")
    assert (status, "expired_url" in answer) == (404, True)


async def test_an_unknown_response_url_is_refused(hook: Hook) -> None:
    hook.url += "x"
    assert (await hook.send(text="x"))[0] == 404


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_it_replaces_or_deletes_what_was_clicked(hook: Hook, control: Control, ephemeral: bool) -> None:
    ts = await posted(hook, ephemeral=ephemeral)
    await hook.send(text="done", replace_original=True)
    (message,) = await control.messages()
    assert (message["ts"], message["text"], message["blocks"]) == (ts, "done", [])
    assert message["ephemeral"] is ephemeral
    await hook.send(delete_original=True)
    assert await control.messages() == []
    status, answer = await hook.send(text="again", replace_original=True)
    assert (status, "message_not_found" in answer) == (400, True)


async def test_the_original_stays_without_replace_original(hook: Hook, control: Control) -> None:
    await posted(hook)
    await hook.send(text="beside it")
    assert await control.texts() == ["card", "beside it"]
    assert await control.texts(user="U0BOB") == ["card"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "no_text"),
        ({"text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x" * 40_001}, "msg_too_long"),
    ],
)
async def test_what_slack_refuses_of_an_answer(hook: Hook, control: Control, body: Json, code: str) -> None:
    status, answer = await hook.send(**body)
    assert (status, code in answer) == (400, True)
    assert await control.messages() == []


async def test_answers_are_in_the_log_without_their_url(hook: Hook, control: Control) -> None:
    await hook.send(text="x")
    (entry,) = await control.log("response_url")
    assert (entry["payload"], entry["answer"], entry["status"]) == ({"text": "x"}, "ok", 200)


async def test_a_body_that_is_no_json(hook: Hook) -> None:
    async with hook.session.post(hook.url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400
